"""The policy editor's texts that the settings table does not have: Indonesian, and the folders'.

English names and help of a setting come from the table itself. A test fails for a setting that has
no Indonesian here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Text(NamedTuple):
    """A name, and its explanation."""

    label: str
    help: str


@dataclass(frozen=True, slots=True)
class Language:
    """Everything around the settings, in one language; ``{}`` is filled in."""

    code: str
    title: str
    about: str
    supported: str
    console: str
    tray: str
    groups: dict[str, str]
    default: str
    no_default: str
    locked: str
    admin: str
    lines: str
    keys: str


ENGLISH = Language(
    code="en-US",
    title="Siaran",
    about="Policies of Siaran, which shows head office's messages on every outlet PC.",
    supported="Siaran 0.1 or later on Windows 10, version 1809, or later",
    console="Console only",
    tray="Tray only",
    groups={
        "connection": "Connection",
        "program": "Program",
        "outlet": "Outlet",
        "popups": "Messages on the screen",
        "signing": "Signed messages",
        "rules": "Rules for all",
    },
    default="Without any setting it is: {}",
    no_default="Without any setting it is empty.",
    locked="Enabled, it is locked: nobody can change it on the PC. Disabled or not configured,"
    " this policy says nothing, and the PC's own settings count.",
    admin="People cannot change it for themselves, with or without this policy.",
    lines="One name in each line.",
    keys="The name is the key's id. The value is the public key, or a JSON object such as"
    ' {"public": "...", "channels": ["Channel 1"], "valid_until": "2027-12-31"}.',
)

INDONESIAN = Language(
    code="id-ID",
    title="Siaran",
    about="Kebijakan Siaran, yang menampilkan pesan kantor pusat di setiap PC gerai.",
    supported="Siaran 0.1 atau lebih baru di Windows 10 versi 1809 atau lebih baru",
    console="Hanya konsol",
    tray="Hanya tray",
    groups={
        "connection": "Sambungan",
        "program": "Program",
        "outlet": "Gerai",
        "popups": "Pesan di layar",
        "signing": "Pesan bertanda tangan",
        "rules": "Aturan untuk semua",
    },
    default="Tanpa pengaturan apa pun nilainya: {}",
    no_default="Tanpa pengaturan apa pun nilainya kosong.",
    locked="Jika diaktifkan, nilainya terkunci: tidak seorang pun dapat mengubahnya di PC. Jika"
    " dinonaktifkan atau tidak dikonfigurasi, kebijakan ini tidak menentukan apa pun dan"
    " pengaturan PC sendiri yang berlaku.",
    admin="Pengguna tidak dapat mengubahnya sendiri, dengan atau tanpa kebijakan ini.",
    lines="Satu nama di setiap baris.",
    keys="Nama adalah id kunci. Nilai adalah kunci publik, atau objek JSON seperti"
    ' {"public": "...", "channels": ["Channel 1"], "valid_until": "2027-12-31"}.',
)

YES_NO_HELP = {
    "en-US": "Enabled means yes, disabled means no; both are locked. Not configured, this policy"
    " says nothing.",
    "id-ID": "Diaktifkan berarti ya, dinonaktifkan berarti tidak; keduanya terkunci. Jika tidak"
    " dikonfigurasi, kebijakan ini tidak menentukan apa pun.",
}

WORDS = {
    "system": "sistem",
    "light": "terang",
    "dark": "gelap",
    "en": "en (Inggris)",
    "id": "id (Indonesia)",
    "every": "semua",
    "pointer": "penunjuk",
    "primary": "utama",
    "centre": "tengah",
    "top": "atas",
    "bottom": "bawah",
    "top_right": "kanan atas",
    "bottom_right": "kanan bawah",
    "off": "mati",
    "emergency": "darurat",
    "urgent": "mendesak",
}
"""The words of settings that are one of several, in Indonesian."""

SETTINGS = {
    "redis_url": Text(
        "Alamat Redis",
        "Alamat Redis: redis://host:port, atau rediss:// untuk sambungan terenkripsi;"
        " redis+sentinel://host,host/layanan di belakang Sentinel;"
        " redis+cluster://host,host untuk Cluster.",
    ),
    "username": Text("Nama pengguna", "Nama akun Redis, kosong jika tidak ada."),
    "password_file": Text(
        "Berkas kata sandi", "Berkas yang baris pertamanya kata sandi akun Redis."
    ),
    "ca_file": Text(
        "Otoritas sertifikat",
        "Sertifikat (PEM) dari pihak yang menandatangani sertifikat Redis; jika diisi, hanya itu"
        " yang dipercaya.",
    ),
    "cert_file": Text("Sertifikat", "Sertifikat PC ini (PEM), jika Redis memintanya."),
    "key_file": Text("Kunci privat", "Kunci privat (PEM) untuk cert_file."),
    "namespace": Text("Ruang nama", "Bagian pertama setiap nama di Redis; sama di semua PC."),
    "channels": Text("Kanal", "Kanal yang diikuti PC ini, selain Semua kanal (All channels)."),
    "outlet": Text("Gerai", "Nama gerai tempat PC ini berada, kosong untuk nama host."),
    "outlet_pattern": Text(
        "Pola gerai",
        "Ekspresi reguler atas nama host dengan grup outlet dan pc, agar IT tidak perlu"
        " mengetik nama: (?P<outlet>[A-Z]+-[0-9]+)-(?P<pc>.+)",
    ),
    "pc": Text("Nama PC", "Nama PC ini di gerainya, kosong untuk nama host."),
    "data_dir": Text("Folder data", "Folder untuk data program, kosong untuk yang biasa."),
    "theme": Text("Warna", "Warna jendela: menurut sistem, terang, atau gelap."),
    "language": Text(
        "Bahasa", "Bahasa jendela: menurut sistem, en (Inggris), atau id (Indonesia)."
    ),
    "support": Text(
        "Kontak bantuan",
        "Siapa yang dihubungi jika ada yang tidak berfungsi, misalnya: Helpdesk IT, ekst. 123.",
    ),
    "undo_seconds": Text(
        "Waktu untuk membatalkan",
        "Berapa detik pesan masih dapat ditarik setelah Kirim; 0 berarti tidak sama sekali."
        " Pesan mendesak dan darurat tidak pernah menunggu.",
    ),
    "popup_screens": Text(
        "Layar",
        "Tempat pesan dibuka: every (darurat di semua layar, lainnya di layar dengan penunjuk"
        " tetikus), pointer (hanya di sana), atau primary (hanya di layar utama, agar layar"
        " pelanggan tetap bebas).",
    ),
    "popup_position": Text(
        "Posisi",
        "Tempat pesan dibuka di layar: tengah, atas, bawah, kanan atas, atau kanan bawah.",
    ),
    "emergency_fullscreen": Text(
        "Darurat memenuhi layar",
        "Apakah pesan darurat menutupi seluruh layarnya; jika tidak diatur: tidak.",
    ),
    "sound": Text(
        "Suara",
        "Pesan mana yang berbunyi sampai ada yang menjawab: off, emergency (darurat), atau"
        " urgent (mendesak, juga darurat).",
    ),
    "popup_hotkey": Text(
        "Tombol pintas",
        "Tombol yang memberi papan ketik kepada pesan yang terbuka, misalnya Ctrl+Alt+M; kosong"
        " berarti tidak ada.",
    ),
    "sender": Text("Pengirim", "Nama yang dilihat gerai sebagai pengirim."),
    "signing_key_file": Text(
        "Kunci tanda tangan",
        "Berkas berisi kunci penanda tangan pesan, dibuat dengan siaran-console keygen.",
    ),
    "trusted_keys": Text(
        "Kunci tepercaya",
        "Kunci publik yang pesannya ditampilkan, menurut id kunci. Kunci yang tidak dapat dipakai"
        " dilewati, dan sejak itu tanda tangan wajib.",
    ),
    "require_signatures": Text(
        "Wajib tanda tangan",
        "Tampilkan hanya pesan bertanda tangan; jika tidak diatur: segera setelah ada kunci"
        " tepercaya. Nilai yang bukan ya atau tidak dianggap ya.",
    ),
    "retention_hours": Text("Masa simpan", "Berapa jam pesan disimpan untuk PC yang mati."),
    "receipt_days": Text(
        "Tanda terima",
        "Berapa hari tanda terima setiap PC disimpan; jumlahnya, dan siapa yang belum menjawab,"
        " tetap ada.",
    ),
    "heartbeat_seconds": Text("Detak", "Detik antara tanda hidup sebuah tray."),
    "snooze_minutes": Text(
        "Nanti",
        "Berapa menit seluruhnya seseorang boleh menunda satu pesan; 0: sama sekali tidak.",
    ),
    "do_not_disturb_minutes": Text(
        "Jangan ganggu",
        "Berapa menit sekaligus seseorang boleh meminta agar tidak diganggu; 0: sama sekali tidak."
        " Pesan darurat tetap muncul.",
    ),
    "popups_per_minute": Text(
        "Pesan per menit",
        "Berapa pesan satu tingkat, yang dikirim dalam satu menit, terbuka satu per satu; yang lain"
        " dilipat menjadi satu. Yang tidak pernah dilipat karena ini: pesan darurat, pesan yang"
        " menggantikan pesan lain, serta pesan penting atau mendesak yang terlewat saat PC mati"
        " atau tidak terhubung.",
    ),
    "ring_seconds": Text(
        "Terdengar lagi",
        "Setelah berapa detik pesan mendesak terdengar lagi sampai ada yang menjawab.",
    ),
    "answers_from_others": Text(
        "Jawaban dari PC lain",
        "Apakah jawaban yang dilaporkan Redis, dari PC lain di gerai atau atas nama PC ini, menutup"
        " pesan di sini; jika tidak diatur: ya. Siapa pun yang tahu kata sandi gerai dapat"
        " memalsukannya. Pesan mendesak dan darurat tidak pernah ditutup dengan cara ini.",
    ),
}
