<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="id">
<context>
    <name>Answers</name>
    <message>
        <source>OK</source>
        <translation>Mengerti</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>Nanti</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Kembali</translation>
    </message>
    <message>
        <source>In {minutes} min</source>
        <translation>Dalam {minutes} mnt</translation>
    </message>
    <message numerus="yes">
        <source>In %n hour(s)</source>
        <translation>
            <numerusform>Dalam %n jam</numerusform>
        </translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Tutup</translation>
    </message>
</context>
<context>
    <name>ChannelPicker</name>
    <message>
        <source>Channel</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>Several channels …</source>
        <translation>Beberapa kanal …</translation>
    </message>
</context>
<context>
    <name>ChannelsController</name>
    <message>
        <source>{name} is offered now.</source>
        <translation>{name} kini tersedia.</translation>
    </message>
    <message>
        <source>{name} is shown as {label} now.</source>
        <translation>{name} kini ditampilkan sebagai {label}.</translation>
    </message>
    <message>
        <source>It is offered no more. What was sent to it stays.</source>
        <translation>Kanal ini tidak dapat dipilih lagi. Yang sudah dikirim ke kanal ini tetap ada.</translation>
    </message>
    <message>
        <source>Retire the channel {name}?</source>
        <translation>Nonaktifkan kanal {name}?</translation>
    </message>
    <message>
        <source>Retire</source>
        <translation>Nonaktifkan</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Biarkan aktif</translation>
    </message>
    <message>
        <source>{name} is retired.</source>
        <translation>{name} sudah dinonaktifkan.</translation>
    </message>
    <message>
        <source>Followed by PCs, but not offered here</source>
        <translation>Diikuti PC, tetapi tidak ada di sini</translation>
    </message>
    <message>
        <source>Retired</source>
        <translation>Nonaktif</translation>
    </message>
    <message>
        <source>Offered</source>
        <translation>Tersedia</translation>
    </message>
    <message>
        <source>{connected} of {known} connected</source>
        <translation>{connected} dari {known} terhubung</translation>
    </message>
    <message numerus="yes">
        <source>%Ln PC(s) still follow it.</source>
        <translation>
            <numerusform>%Ln PC masih mengikutinya.</numerusform>
        </translation>
    </message>
    <message>
        <source>No PC yet</source>
        <translation>Belum ada PC</translation>
    </message>
    <message>
        <source>Offered, but its entry cannot be read</source>
        <translation>Tersedia, tetapi entrinya tidak dapat dibaca</translation>
    </message>
</context>
<context>
    <name>ChannelsPage</name>
    <message>
        <source>Add channel</source>
        <translation>Tambah kanal</translation>
    </message>
    <message>
        <source>Change label</source>
        <translation>Ubah label</translation>
    </message>
    <message>
        <source>Retire</source>
        <translation>Nonaktifkan</translation>
    </message>
    <message>
        <source>Offer again</source>
        <translation>Aktifkan lagi</translation>
    </message>
    <message>
        <source>Add it</source>
        <translation>Tambahkan</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>Label</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nama</translation>
    </message>
    <message>
        <source>PCs</source>
        <translation>PC</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>Name of a new channel, for example Region East</source>
        <translation>Nama kanal baru, misalnya Wilayah Timur</translation>
    </message>
    <message>
        <source>Name of a new channel</source>
        <translation>Nama kanal baru</translation>
    </message>
    <message>
        <source>A channel&apos;s name never changes, because PCs are set to it; its label is what you see when you send. A retired channel is offered no more.</source>
        <translation>Nama kanal tidak pernah berubah karena PC diatur dengan nama itu; labelnya yang Anda lihat saat mengirim. Kanal nonaktif tidak dapat dipilih lagi.</translation>
    </message>
</context>
<context>
    <name>ComposeForm</name>
    <message>
        <source>Send</source>
        <translation>Kirim</translation>
    </message>
    <message>
        <source>Sending …</source>
        <translation>Mengirim …</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Judul</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Pesan</translation>
    </message>
    <message>
        <source>What it is about, in a few words</source>
        <translation>Pokok pesan, dalam beberapa kata</translation>
    </message>
    <message>
        <source>What the outlets have to know or do</source>
        <translation>Yang perlu diketahui atau dilakukan gerai</translation>
    </message>
    <message>
        <source>Ctrl+Enter</source>
        <translation>Ctrl+Enter</translation>
    </message>
    <message>
        <source>&amp;Channel</source>
        <translation>&amp;Kanal</translation>
    </message>
    <message>
        <source>&amp;Title</source>
        <translation>&amp;Judul</translation>
    </message>
    <message>
        <source>&amp;Message</source>
        <translation>&amp;Pesan</translation>
    </message>
    <message>
        <source>&amp;Level</source>
        <translation>&amp;Tingkat</translation>
    </message>
    <message>
        <source>{count} of {limit} characters</source>
        <translation>{count} dari {limit} karakter</translation>
    </message>
    <message>
        <source>The message leaves in {seconds} s.</source>
        <translation>Pesan dikirim dalam {seconds} detik.</translation>
    </message>
    <message>
        <source>Recall it</source>
        <translation>Tarik kembali</translation>
    </message>
    <message>
        <source>Closes it on every screen; PCs that have not shown it never will.</source>
        <translation>Menutupnya di semua layar; PC yang belum menampilkannya tidak akan menampilkannya.</translation>
    </message>
    <message>
        <source>No PC follows it yet</source>
        <translation>Belum ada PC yang mengikutinya</translation>
    </message>
    <message numerus="yes">
        <source>%Ln PC(s)</source>
        <translation>
            <numerusform>%Ln PC</numerusform>
        </translation>
    </message>
    <message>
        <source>all connected</source>
        <translation>semua terhubung</translation>
    </message>
    <message>
        <source>Try it on this PC</source>
        <translation>Coba di PC ini</translation>
    </message>
    <message>
        <source>As the till will see it</source>
        <translation>Seperti yang akan dilihat kasir</translation>
    </message>
    <message>
        <source>Opens the popup here, and sends nothing.</source>
        <translation>Membuka popup di sini, dan tidak mengirim apa pun.</translation>
    </message>
    <message>
        <source>See who has it</source>
        <translation>Lihat penerimanya</translation>
    </message>
    <message numerus="yes">
        <source>%Ln not connected</source>
        <translation>
            <numerusform>%Ln tidak terhubung</numerusform>
        </translation>
    </message>
    <message>
        <source>Undo (Esc)</source>
        <translation>Urungkan (Esc)</translation>
    </message>
    <message>
        <source>Nothing has left yet: the message stays in the form.</source>
        <translation>Belum ada yang terkirim: pesan tetap ada di formulir.</translation>
    </message>
    <message>
        <source>not known how many are connected</source>
        <translation>tidak diketahui berapa yang terhubung</translation>
    </message>
</context>
<context>
    <name>ConnectionPage</name>
    <message>
        <source>Save and connect</source>
        <translation>Simpan dan hubungkan</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Nanti saja</translation>
    </message>
    <message>
        <source>Siaran needs a Redis server in your network; IT knows its address. It is tried while you type, and nothing is sent.</source>
        <translation>Siaran memerlukan server Redis di jaringan Anda; bagian IT tahu alamatnya. Alamat dicoba selagi Anda mengetik, dan tidak ada yang dikirim.</translation>
    </message>
    <message>
        <source>Only if Redis asks for one</source>
        <translation>Hanya jika diminta Redis</translation>
    </message>
    <message>
        <source>Only for a certificate of your own</source>
        <translation>Hanya untuk sertifikat buatan sendiri</translation>
    </message>
    <message>
        <source>Redis address</source>
        <translation>Alamat Redis</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>Nama pengguna</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Kata sandi</translation>
    </message>
    <message>
        <source>Certificate authority</source>
        <translation>Otoritas sertifikat</translation>
    </message>
    <message>
        <source>Where is your Redis server?</source>
        <translation>Di mana server Redis Anda?</translation>
    </message>
    <message>
        <source>&amp;Address</source>
        <translation>&amp;Alamat</translation>
    </message>
    <message>
        <source>&amp;User name</source>
        <translation>Nama pen&amp;gguna</translation>
    </message>
    <message>
        <source>&amp;Password</source>
        <translation>Kata &amp;sandi</translation>
    </message>
</context>
<context>
    <name>Controller</name>
    <message>
        <source>Not sent. {reason}</source>
        <translation>Tidak terkirim. {reason}</translation>
    </message>
    <message>
        <source>Send to {where} as {level}?</source>
        <translation>Kirim ke {where} dengan tingkat {level}?</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Kirim</translation>
    </message>
    <message>
        <source>Back to the message</source>
        <translation>Kembali ke pesan</translation>
    </message>
    <message>
        <source>Sent to {where} at {time}.</source>
        <translation>Terkirim ke {where}, {time}.</translation>
    </message>
    <message>
        <source>No PC is connected now; the message is stored and shown when they come back.</source>
        <translation>Saat ini tidak ada PC yang terhubung; pesan disimpan dan ditampilkan begitu PC kembali.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln PC(s) are connected now.</source>
        <translation>
            <numerusform>Saat ini %Ln PC terhubung.</numerusform>
        </translation>
    </message>
    <message>
        <source>Not sent. You can change it and send it again.</source>
        <translation>Tidak dikirim. Anda dapat mengubahnya lalu mengirimnya lagi.</translation>
    </message>
    <message>
        <source>Fill in {name} first.</source>
        <translation>Isi {name} dulu.</translation>
    </message>
    <message>
        <source>“{title}” is recalled: open popups close, and no other PC shows it.</source>
        <translation>“{title}” ditarik kembali: popup yang terbuka ditutup, dan PC lain tidak menampilkannya.</translation>
    </message>
    <message>
        <source>Not recalled. {reason}</source>
        <translation>Tidak ditarik kembali. {reason}</translation>
    </message>
    <message>
        <source>It recurs from {time} on. “Scheduled” shows what is sent ahead.</source>
        <translation>Pesan berulang mulai {time}. “Terjadwal” menampilkan yang dikirim lebih dulu.</translation>
    </message>
    <message>
        <source>This takes the place of “{title}”.</source>
        <translation>Ini menggantikan “{title}”.</translation>
    </message>
    <message>
        <source>This changes the recurring message “{title}”.</source>
        <translation>Ini mengubah pesan berulang “{title}”.</translation>
    </message>
    <message>
        <source>Not filled in: {names}.</source>
        <translation>Belum diisi: {names}.</translation>
    </message>
    <message>
        <source>It is a drill.</source>
        <translation>Ini latihan.</translation>
    </message>
    <message>
        <source>It will be shown at {time}.</source>
        <translation>Pesan akan ditampilkan pada {time}.</translation>
    </message>
    <message>
        <source>It is repeated: {how_often}.</source>
        <translation>Pesan berulang: {how_often}.</translation>
    </message>
    <message>
        <source>It still recurs, too: end it in “Scheduled”. {reason}</source>
        <translation>Pesan ini juga masih berulang: akhiri di “Terjadwal”. {reason}</translation>
    </message>
</context>
<context>
    <name>Figure</name>
    <message>
        <source>of {whole}</source>
        <translation>dari {whole}</translation>
    </message>
</context>
<context>
    <name>FileEdit</name>
    <message>
        <source>Choose …</source>
        <translation>Pilih …</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>Pilih berkas</translation>
    </message>
</context>
<context>
    <name>FillStrip</name>
    <message>
        <source>Fill in the template</source>
        <translation>Isi templat</translation>
    </message>
</context>
<context>
    <name>InboxWindow</name>
    <message>
        <source>Siaran inbox</source>
        <translation>Kotak masuk Siaran</translation>
    </message>
    <message>
        <source>Search title, text, sender or channel</source>
        <translation>Cari judul, isi, pengirim, atau kanal</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Cari</translation>
    </message>
    <message>
        <source>Messages to show</source>
        <translation>Pesan yang ditampilkan</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>Pesan</translation>
    </message>
    <message>
        <source>Choose a message to read it here.</source>
        <translation>Pilih pesan untuk membacanya di sini.</translation>
    </message>
    <message>
        <source>Searching …</source>
        <translation>Mencari …</translation>
    </message>
    <message>
        <source>Nothing found. Every word has to be in the title, the text, the sender or the channel. Press Esc to see all messages again.</source>
        <translation>Tidak ada yang ditemukan. Setiap kata harus ada di judul, isi, pengirim, atau kanal. Tekan Esc untuk melihat semua pesan lagi.</translation>
    </message>
    <message>
        <source>No message has come yet. What head office sends to this PC appears here, and stays here to be read again.</source>
        <translation>Belum ada pesan. Yang dikirim kantor pusat ke PC ini muncul di sini, dan tetap di sini untuk dibaca lagi.</translation>
    </message>
    <message>
        <source>Nothing unread: every message here has been answered.</source>
        <translation>Tidak ada yang belum dibaca: semua pesan di sini sudah dijawab.</translation>
    </message>
    <message>
        <source>No message of this kind.</source>
        <translation>Tidak ada pesan jenis ini.</translation>
    </message>
    <message>
        <source>Not copied: another program is using the clipboard. Try again.</source>
        <translation>Tidak tersalin: papan klip sedang dipakai program lain. Coba lagi.</translation>
    </message>
</context>
<context>
    <name>LinkIndicator</name>
    <message>
        <source>Connection …</source>
        <translation>Sambungan …</translation>
    </message>
    <message>
        <source>Connected to {address}</source>
        <translation>Terhubung ke {address}</translation>
    </message>
    <message>
        <source>Connecting to {address} …</source>
        <translation>Menghubungkan ke {address} …</translation>
    </message>
    <message>
        <source>{reason} Trying again.</source>
        <translation>{reason} Mencoba lagi.</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Siaran console</source>
        <translation>Konsol Siaran</translation>
    </message>
    <message>
        <source>New message</source>
        <translation>Pesan baru</translation>
    </message>
</context>
<context>
    <name>MoreOptions</name>
    <message>
        <source>M&amp;ore: time, expiry, answers, formatting</source>
        <translation>&amp;Lainnya: waktu, kedaluwarsa, jawaban, pemformatan</translation>
    </message>
    <message>
        <source>**&amp;Bold**, # headings, - lists and links</source>
        <translation>**Te&amp;bal**, # judul, - daftar, dan tautan</translation>
    </message>
    <message>
        <source>Who acknowledges</source>
        <translation>Siapa yang mengonfirmasi</translation>
    </message>
    <message>
        <source>Times</source>
        <translation>Waktu</translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>Konfirmasi</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>Jawaban</translation>
    </message>
    <message>
        <source>Formatting</source>
        <translation>Pemformatan</translation>
    </message>
    <message>
        <source>Every PC</source>
        <translation>Setiap PC</translation>
    </message>
    <message>
        <source>One PC of each outlet is enough</source>
        <translation>Cukup satu PC di setiap gerai</translation>
    </message>
    <message>
        <source>Nobody has to</source>
        <translation>Tidak perlu siapa pun</translation>
    </message>
    <message>
        <source>formatted</source>
        <translation>diformat</translation>
    </message>
    <message>
        <source>Answer {number}</source>
        <translation>Jawaban {number}</translation>
    </message>
    <message>
        <source>shown at {time}</source>
        <translation>ditampilkan pada {time}</translation>
    </message>
    <message>
        <source>until {time}</source>
        <translation>sampai {time}</translation>
    </message>
    <message>
        <source>acknowledged by: {who}</source>
        <translation>dikonfirmasi oleh: {who}</translation>
    </message>
    <message>
        <source>answers: {list}</source>
        <translation>jawaban: {list}</translation>
    </message>
    <message>
        <source>How often</source>
        <translation>Seberapa sering</translation>
    </message>
    <message>
        <source>Once</source>
        <translation>Sekali</translation>
    </message>
    <message>
        <source>Every day</source>
        <translation>Setiap hari</translation>
    </message>
    <message>
        <source>Monday to Friday</source>
        <translation>Senin sampai Jumat</translation>
    </message>
    <message>
        <source>Every week</source>
        <translation>Setiap minggu</translation>
    </message>
    <message>
        <source>Every month</source>
        <translation>Setiap bulan</translation>
    </message>
    <message>
        <source>Show &amp;it later, at</source>
        <translation>Tampilkan &amp;nanti, pada</translation>
    </message>
    <message>
        <source>a drill</source>
        <translation>latihan</translation>
    </message>
    <message>
        <source>The history tells drills apart from what was meant.</source>
        <translation>Riwayat membedakan latihan dari pesan yang sungguhan.</translation>
    </message>
    <message>
        <source>Repeat</source>
        <translation>Ulangi</translation>
    </message>
    <message>
        <source>Ma&amp;rked TEST on every screen</source>
        <translation>D&amp;itandai TEST di setiap layar</translation>
    </message>
    <message>
        <source>Drill</source>
        <translation>Latihan</translation>
    </message>
    <message>
        <source>Not shown &amp;after</source>
        <translation>Paling lamb&amp;at</translation>
    </message>
</context>
<context>
    <name>NameStrip</name>
    <message>
        <source>Price change</source>
        <translation>Perubahan harga</translation>
    </message>
    <message>
        <source>Save template</source>
        <translation>Simpan templat</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Batal</translation>
    </message>
    <message>
        <source>&amp;Name of the template</source>
        <translation>&amp;Nama templat</translation>
    </message>
    <message>
        <source>Words in braces, like {product}, are asked for when it is used.</source>
        <translation>Kata dalam kurung kurawal, seperti {product}, ditanyakan saat templat dipakai.</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>What happened</source>
        <translation>Yang terjadi</translation>
    </message>
</context>
<context>
    <name>OutletGrid</name>
    <message>
        <source>All outlets, one square each</source>
        <translation>Semua gerai, masing-masing satu kotak</translation>
    </message>
</context>
<context>
    <name>OutletsController</name>
    <message>
        <source>Use this list</source>
        <translation>Pakai daftar ini</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Batal</translation>
    </message>
    <message numerus="yes">
        <source>%Ln outlet(s) are expected now.</source>
        <translation>
            <numerusform>%Ln gerai kini ada dalam daftar.</numerusform>
        </translation>
    </message>
    <message>
        <source>{file} cannot be read: {reason}</source>
        <translation>{file} tidak dapat dibaca: {reason}</translation>
    </message>
    <message>
        <source>Lists (*.csv *.txt *.tsv);;All files (*)</source>
        <translation>Daftar (*.csv *.txt *.tsv);;Semua berkas (*)</translation>
    </message>
    <message>
        <source>List of outlets</source>
        <translation>Daftar gerai</translation>
    </message>
    <message numerus="yes">
        <source>{file} has %Ln outlet(s).</source>
        <translation>
            <numerusform>{file} berisi %Ln gerai.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of them are new.</source>
        <translation>
            <numerusform>%Ln di antaranya baru.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of the present list are not in it.</source>
        <translation>
            <numerusform>%Ln dari daftar sekarang tidak ada di dalamnya.</numerusform>
        </translation>
    </message>
    <message>
        <source>It names channels that nobody offers: {names}.</source>
        <translation>Berkas ini menyebut kanal yang tidak tersedia: {names}.</translation>
    </message>
    <message>
        <source>There is no outlet in this file.</source>
        <translation>Tidak ada gerai dalam berkas ini.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln line(s) cannot be used.</source>
        <translation>
            <numerusform>%Ln baris tidak dapat dipakai.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{names} and %Ln more</source>
        <translation>
            <numerusform>{names} dan %Ln lainnya</numerusform>
        </translation>
    </message>
    <message>
        <source>Remove {names}? A PC that still runs comes back by itself.</source>
        <translation>Hapus {names}? PC yang masih berjalan akan kembali dengan sendirinya.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Hapus</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Biarkan</translation>
    </message>
    <message numerus="yes">
        <source>%Ln PC(s) removed.</source>
        <translation>
            <numerusform>%Ln PC dihapus.</numerusform>
        </translation>
    </message>
    <message>
        <source>Somebody else has changed the list meanwhile.</source>
        <translation>Sementara itu daftar ini sudah diubah orang lain.</translation>
    </message>
</context>
<context>
    <name>OutletsPage</name>
    <message>
        <source>Import list …</source>
        <translation>Impor daftar …</translation>
    </message>
    <message>
        <source>Remove …</source>
        <translation>Hapus …</translation>
    </message>
    <message>
        <source>Looking for outlets …</source>
        <translation>Mencari gerai …</translation>
    </message>
    <message>
        <source>Search outlet, PC, channel or version</source>
        <translation>Cari gerai, PC, kanal, atau versi</translation>
    </message>
    <message>
        <source>Search outlets</source>
        <translation>Cari gerai</translation>
    </message>
    <message>
        <source>Which PCs to show</source>
        <translation>PC yang ditampilkan</translation>
    </message>
    <message>
        <source>PCs</source>
        <translation>PC</translation>
    </message>
    <message>
        <source>Take PCs out that are used no more</source>
        <translation>Keluarkan PC yang tidak dipakai lagi</translation>
    </message>
    <message>
        <source>Outlets</source>
        <translation>Gerai</translation>
    </message>
    <message numerus="yes">
        <source>%Ln PC(s)</source>
        <translation>
            <numerusform>%Ln PC</numerusform>
        </translation>
    </message>
    <message>
        <source>{shown} of {total} PCs</source>
        <translation>{shown} dari {total} PC</translation>
    </message>
    <message>
        <source>No PC of this kind. Press Esc in the search to see all.</source>
        <translation>Tidak ada PC jenis ini. Tekan Esc di kolom pencarian untuk melihat semua.</translation>
    </message>
    <message numerus="yes">
        <source>Remove %n PC(s) …</source>
        <translation>
            <numerusform>Hapus %n PC …</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PageState</name>
    <message>
        <source>State of this page</source>
        <translation>Keadaan halaman ini</translation>
    </message>
</context>
<context>
    <name>Popup</name>
    <message>
        <source>{place} of {total}</source>
        <translation>{place} dari {total}</translation>
    </message>
</context>
<context>
    <name>Presenter</name>
    <message>
        <source>Inbox</source>
        <translation>Kotak masuk</translation>
    </message>
    <message>
        <source>They came while this PC was off or not connected. The inbox has them.</source>
        <translation>Pesan itu datang saat PC ini mati atau tidak terhubung. Semuanya ada di kotak masuk.</translation>
    </message>
    <message>
        <source>The oldest is from {time}</source>
        <translation>Yang paling lama dari {time}</translation>
    </message>
    <message>
        <source>Open the inbox</source>
        <translation>Buka kotak masuk</translation>
    </message>
    <message numerus="yes">
        <source>You missed %Ln message(s)</source>
        <translation>
            <numerusform>Anda melewatkan %Ln pesan</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more message(s)</source>
        <translation>
            <numerusform>%Ln pesan lagi</numerusform>
        </translation>
    </message>
    <message>
        <source>Many messages came at once. The inbox has them.</source>
        <translation>Banyak pesan datang sekaligus. Semuanya ada di kotak masuk.</translation>
    </message>
    <message>
        <source>Reminder: head office asks for an answer.</source>
        <translation>Pengingat: kantor pusat menunggu jawaban.</translation>
    </message>
    <message>
        <source>Head office has changed this message.</source>
        <translation>Kantor pusat telah mengubah pesan ini.</translation>
    </message>
    <message>
        <source>Head office has taken this message back.</source>
        <translation>Kantor pusat telah menarik kembali pesan ini.</translation>
    </message>
    <message>
        <source>This message is no longer of use.</source>
        <translation>Pesan ini tidak berlaku lagi.</translation>
    </message>
</context>
<context>
    <name>Preview</name>
    <message>
        <source>As the till will see it</source>
        <translation>Seperti yang akan dilihat kasir</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Judul</translation>
    </message>
    <message>
        <source>The message</source>
        <translation>Pesan</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Compose</source>
        <translation>Tulis</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>Terkirim</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Pengaturan</translation>
    </message>
    <message>
        <source>Outlets</source>
        <translation>Gerai</translation>
    </message>
    <message>
        <source>Scheduled</source>
        <translation>Terjadwal</translation>
    </message>
</context>
<context>
    <name>ReachChart</name>
    <message>
        <source>How fast it reached people</source>
        <translation>Seberapa cepat pesan sampai</translation>
    </message>
</context>
<context>
    <name>Reading</name>
    <message>
        <source>Unverified: it is not known who sent this.</source>
        <translation>Tidak terverifikasi: pengirimnya tidak diketahui.</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Pesan</translation>
    </message>
</context>
<context>
    <name>ReadingPane</name>
    <message>
        <source>Message</source>
        <translation>Pesan</translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>Mengerti</translation>
    </message>
    <message>
        <source>Mark as read</source>
        <translation>Tandai sudah dibaca</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Tutup</translation>
    </message>
    <message>
        <source>Unverified: it is not known who sent this.</source>
        <translation>Tidak terverifikasi: pengirimnya tidak diketahui.</translation>
    </message>
</context>
<context>
    <name>ReportController</name>
    <message>
        <source>Remind them</source>
        <translation>Ingatkan</translation>
    </message>
    <message>
        <source>Leave them</source>
        <translation>Biarkan</translation>
    </message>
    <message>
        <source>{file} cannot be written: {reason}</source>
        <translation>{file} tidak dapat ditulis: {reason}</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>Simpan laporan</translation>
    </message>
    <message>
        <source>Reminded. Whoever acknowledges it now disappears from this list.</source>
        <translation>Sudah diingatkan. Yang mengonfirmasi sekarang akan hilang dari daftar ini.</translation>
    </message>
    <message>
        <source>Saved as {file}.</source>
        <translation>Disimpan sebagai {file}.</translation>
    </message>
    <message>
        <source>Recalled. PCs that are off now never show it.</source>
        <translation>Sudah ditarik kembali. PC yang sekarang mati tidak akan menampilkannya.</translation>
    </message>
    <message>
        <source>Recall</source>
        <translation>Tarik kembali</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Biarkan</translation>
    </message>
    <message>
        <source>Table for a spreadsheet</source>
        <translation>Tabel untuk lembar kerja</translation>
    </message>
    <message numerus="yes">
        <source>Show it again on the %Ln PC(s) where nobody has acknowledged it?</source>
        <translation>
            <numerusform>Tampilkan lagi di %Ln PC yang belum mengonfirmasinya?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Show it again in the %Ln outlet(s) where nobody has acknowledged it?</source>
        <translation>
            <numerusform>Tampilkan lagi di %Ln gerai yang belum mengonfirmasinya?</numerusform>
        </translation>
    </message>
    <message>
        <source>Recall this message? Open popups close, and no PC shows it any more.</source>
        <translation>Tarik kembali pesan ini? Popup yang terbuka ditutup, dan tidak ada PC yang menampilkannya lagi.</translation>
    </message>
    <message>
        <source>Preparing the pages …</source>
        <translation>Menyiapkan halaman …</translation>
    </message>
    <message>
        <source>Pages to print, A4</source>
        <translation>Halaman untuk dicetak, A4</translation>
    </message>
    <message>
        <source>Pages to print, Letter</source>
        <translation>Halaman untuk dicetak, Letter</translation>
    </message>
    <message>
        <source>This PC has no printer. Use Save … to make a PDF and print it elsewhere.</source>
        <translation>PC ini tidak memiliki printer. Pilih Simpan … untuk membuat PDF, lalu cetak di tempat lain.</translation>
    </message>
    <message>
        <source>Print the report</source>
        <translation>Cetak laporan</translation>
    </message>
    <message>
        <source>This paper is too small for a report.</source>
        <translation>Kertas ini terlalu kecil untuk laporan.</translation>
    </message>
    <message>
        <source>The printer did not take the report.</source>
        <translation>Printer tidak menerima laporan ini.</translation>
    </message>
    <message>
        <source>Sent to the printer {name}.</source>
        <translation>Dikirim ke printer {name}.</translation>
    </message>
</context>
<context>
    <name>ReportPane</name>
    <message>
        <source>Reading who has it …</source>
        <translation>Membaca siapa yang sudah menerimanya …</translation>
    </message>
    <message>
        <source>No PC was expected to show this message, and none has.</source>
        <translation>Tidak ada PC yang seharusnya menampilkan pesan ini, dan memang tidak ada.</translation>
    </message>
    <message>
        <source>Text of the message</source>
        <translation>Isi pesan</translation>
    </message>
    <message>
        <source>PCs</source>
        <translation>PC</translation>
    </message>
    <message>
        <source>Outlets</source>
        <translation>Gerai</translation>
    </message>
    <message>
        <source>Search outlet, PC or person</source>
        <translation>Cari gerai, PC, atau orang</translation>
    </message>
    <message>
        <source>Search in the report</source>
        <translation>Cari dalam laporan</translation>
    </message>
    <message>
        <source>Remind …</source>
        <translation>Ingatkan …</translation>
    </message>
    <message>
        <source>Ask again those who have not acknowledged it</source>
        <translation>Tanyakan lagi kepada yang belum mengonfirmasi</translation>
    </message>
    <message>
        <source>{n} of {whole} PCs have received it.</source>
        <translation>{n} dari {whole} PC sudah menerimanya.</translation>
    </message>
    <message>
        <source>{n} of {whole} PCs have shown it.</source>
        <translation>{n} dari {whole} PC sudah menampilkannya.</translation>
    </message>
    <message>
        <source>{n} of {whole} PCs have acknowledged it.</source>
        <translation>{n} dari {whole} PC sudah mengonfirmasinya.</translation>
    </message>
    <message>
        <source>Everybody has acknowledged it.</source>
        <translation>Semua sudah mengonfirmasinya.</translation>
    </message>
    <message>
        <source>Nothing found.</source>
        <translation>Tidak ada yang ditemukan.</translation>
    </message>
    <message numerus="yes">
        <source>Expired unanswered on %Ln PC(s).</source>
        <translation>
            <numerusform>Kedaluwarsa tanpa jawaban di %Ln PC.</numerusform>
        </translation>
    </message>
    <message>
        <source>Only the totals and who did not answer are still kept.</source>
        <translation>Hanya jumlahnya dan siapa yang tidak menjawab yang masih disimpan.</translation>
    </message>
    <message>
        <source>Not acknowledged ({n})</source>
        <translation>Belum dikonfirmasi ({n})</translation>
    </message>
    <message>
        <source>PCs ({n})</source>
        <translation>PC ({n})</translation>
    </message>
    <message>
        <source>Answers: {answers}</source>
        <translation>Jawaban: {answers}</translation>
    </message>
    <message>
        <source>Last reminded at {time}.</source>
        <translation>Terakhir diingatkan pada {time}.</translation>
    </message>
    <message numerus="yes">
        <source>Recalled on %Ln PC(s): on {seen} it was on the screen already.</source>
        <translation>
            <numerusform>Ditarik kembali di %Ln PC: di {seen} PC pesan sudah tampil di layar.</numerusform>
        </translation>
    </message>
    <message>
        <source>Recall …</source>
        <translation>Tarik kembali …</translation>
    </message>
    <message>
        <source>Close it on every screen, and show it nowhere any more</source>
        <translation>Tutup di semua layar, dan jangan tampilkan lagi di mana pun</translation>
    </message>
    <message numerus="yes">
        <source>Recalled on %Ln PC(s), where nobody had seen it.</source>
        <translation>
            <numerusform>Ditarik kembali di %Ln PC, sebelum ada yang melihatnya.</numerusform>
        </translation>
    </message>
    <message>
        <source>Search …</source>
        <translation>Cari …</translation>
    </message>
    <message>
        <source>{n} of {whole} outlets have acknowledged it.</source>
        <translation>{n} dari {whole} gerai sudah mengonfirmasinya.</translation>
    </message>
    <message>
        <source>received it</source>
        <translation>menerima</translation>
    </message>
    <message>
        <source>showed it</source>
        <translation>menampilkan</translation>
    </message>
    <message>
        <source>outlets acknowledged it</source>
        <translation>gerai mengonfirmasi</translation>
    </message>
    <message>
        <source>acknowledged it</source>
        <translation>mengonfirmasi</translation>
    </message>
    <message>
        <source>Save …</source>
        <translation>Simpan …</translation>
    </message>
    <message>
        <source>opens {time}</source>
        <translation>terbuka {time}</translation>
    </message>
    <message>
        <source>expires {time}</source>
        <translation>kedaluwarsa {time}</translation>
    </message>
    <message>
        <source>Not known ({n})</source>
        <translation>Tidak dikenal ({n})</translation>
    </message>
    <message>
        <source>Print …</source>
        <translation>Cetak …</translation>
    </message>
</context>
<context>
    <name>SafetyController</name>
    <message>
        <source>Close</source>
        <translation>Tutup</translation>
    </message>
    <message>
        <source>Messages are not signed. Whoever reaches the server can send one that looks like yours.</source>
        <translation>Pesan tidak ditandatangani. Siapa pun yang dapat menjangkau server dapat mengirim pesan yang tampak seperti dari Anda.</translation>
    </message>
    <message>
        <source>2. Choose that file under Settings, Signing key.</source>
        <translation>2. Pilih berkas itu di Pengaturan, Kunci tanda tangan.</translation>
    </message>
    <message>
        <source>3. IT puts the public key, which the command prints, into the policy trusted_keys of the outlets. From then on PCs show only what your key has signed.</source>
        <translation>3. Bagian IT memasukkan kunci publik yang dicetak perintah itu ke kebijakan trusted_keys gerai. Sejak saat itu PC hanya menampilkan pesan yang ditandatangani kunci Anda.</translation>
    </message>
    <message>
        <source>The server lets everybody in. Whoever is in its network can read, send and delete messages.</source>
        <translation>Server menerima siapa saja. Siapa pun di jaringannya dapat membaca, mengirim, dan menghapus pesan.</translation>
    </message>
    <message>
        <source>1. IT gives the server accounts; accounts.py makes them, with passwords.</source>
        <translation>1. Bagian IT memberi server akun; accounts.py membuatnya beserta kata sandinya.</translation>
    </message>
    <message>
        <source>2. Enter the console&apos;s user name and password under Settings. Outlets get theirs by policy.</source>
        <translation>2. Isi nama pengguna dan kata sandi konsol di Pengaturan. Gerai mendapatkannya lewat kebijakan.</translation>
    </message>
    <message>
        <source>1. Make a key on a PC of head office: {command}</source>
        <translation>1. Buat kunci di PC kantor pusat: {command}</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>Yang harus dilakukan</translation>
    </message>
    <message>
        <source>The server&apos;s memory is full. Messages go out, but PCs cannot say what they have received, shown and confirmed, nor that they are there. They say it when there is room again; nothing is lost.</source>
        <translation>Memori server penuh. Pesan tetap terkirim, tetapi PC tidak dapat melaporkan apa yang diterima, ditampilkan, dan dikonfirmasi, atau bahwa PC itu aktif. PC melaporkannya begitu ada ruang lagi; tidak ada yang hilang.</translation>
    </message>
    <message>
        <source>IT finds what fills it, and removes it: {command}</source>
        <translation>Bagian IT mencari penyebabnya dan menghapusnya: {command}</translation>
    </message>
</context>
<context>
    <name>SafetyLine</name>
    <message>
        <source>What to do …</source>
        <translation>Cara mengatasinya …</translation>
    </message>
    <message>
        <source>Messages are not signed, and the server lets everybody in.</source>
        <translation>Pesan tidak ditandatangani, dan server menerima siapa saja.</translation>
    </message>
    <message>
        <source>Messages are not signed: PCs cannot tell who sent them.</source>
        <translation>Pesan tidak ditandatangani: PC tidak dapat memastikan pengirimnya.</translation>
    </message>
    <message>
        <source>The server lets everybody in, without a password.</source>
        <translation>Server menerima siapa saja tanpa kata sandi.</translation>
    </message>
    <message>
        <source>The server&apos;s memory is full: messages go out, PCs cannot report.</source>
        <translation>Memori server penuh: pesan tetap terkirim, PC tidak dapat melapor.</translation>
    </message>
</context>
<context>
    <name>ScheduledController</name>
    <message>
        <source>{rhythm} at {time} ({zone})</source>
        <translation>{rhythm} pukul {time} ({zone})</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Dibatalkan.</translation>
    </message>
    <message>
        <source>Ended.</source>
        <translation>Diakhiri.</translation>
    </message>
    <message>
        <source>Monday to Friday</source>
        <translation>Senin sampai Jumat</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>Ya</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Tidak</translation>
    </message>
    <message>
        <source>Recurring messages are with the PCs until {time}, whether a console runs or not. Any console that is open sends the next ones ahead.</source>
        <translation>Pesan berulang sudah ada di PC sampai {time}, baik ada konsol yang berjalan maupun tidak. Konsol mana pun yang terbuka mengirim yang berikutnya lebih dulu.</translation>
    </message>
    <message numerus="yes">
        <source>Cancel %Ln message(s)? No PC will show them.</source>
        <translation>
            <numerusform>Batalkan %Ln pesan? Tidak ada PC yang akan menampilkannya.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>End %Ln recurring message(s)? What was sent ahead is recalled.</source>
        <translation>
            <numerusform>Akhiri %Ln pesan berulang? Yang sudah dikirim lebih dulu ditarik kembali.</numerusform>
        </translation>
    </message>
    <message>
        <source>Every day</source>
        <translation>Setiap hari</translation>
    </message>
    <message>
        <source>Reading …</source>
        <translation>Membaca …</translation>
    </message>
    <message>
        <source>Every {days}</source>
        <translation>Setiap {days}</translation>
    </message>
    <message>
        <source>Monthly on day {day}</source>
        <translation>Setiap bulan, tanggal {day}</translation>
    </message>
    <message>
        <source>{rhythm} at {time}</source>
        <translation>{rhythm} pukul {time}</translation>
    </message>
</context>
<context>
    <name>ScheduledPage</name>
    <message>
        <source>Change …</source>
        <translation>Ubah …</translation>
    </message>
    <message>
        <source>Cancel it</source>
        <translation>Batalkan</translation>
    </message>
    <message>
        <source>End it</source>
        <translation>Akhiri</translation>
    </message>
    <message>
        <source>Messages that wait for their time</source>
        <translation>Pesan yang menunggu waktunya</translation>
    </message>
    <message>
        <source>Recurring messages</source>
        <translation>Pesan berulang</translation>
    </message>
    <message>
        <source>Nothing is waiting. To schedule a message, write it and open “More”.</source>
        <translation>Tidak ada yang menunggu. Untuk menjadwalkan pesan, tulis pesannya lalu buka “Lainnya”.</translation>
    </message>
    <message>
        <source>Nothing recurs. To repeat a message, write it and open “More”.</source>
        <translation>Tidak ada yang berulang. Untuk mengulang pesan, tulis pesannya lalu buka “Lainnya”.</translation>
    </message>
    <message>
        <source>Scheduled</source>
        <translation>Terjadwal</translation>
    </message>
    <message>
        <source>Recurring</source>
        <translation>Berulang</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Judul</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Tingkat</translation>
    </message>
    <message>
        <source>How often</source>
        <translation>Seberapa sering</translation>
    </message>
    <message>
        <source>Sent ahead until</source>
        <translation>Terkirim sampai</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>Ya</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Waktu</translation>
    </message>
</context>
<context>
    <name>SentPage</name>
    <message>
        <source>Search title, text and sender</source>
        <translation>Cari judul, isi, dan pengirim</translation>
    </message>
    <message>
        <source>Search sent messages</source>
        <translation>Cari pesan terkirim</translation>
    </message>
    <message>
        <source>Any level</source>
        <translation>Tingkat</translation>
    </message>
    <message>
        <source>Any time</source>
        <translation>Waktu</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Hari ini</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>7 hari terakhir</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>30 hari terakhir</translation>
    </message>
    <message>
        <source>Sent messages</source>
        <translation>Pesan terkirim</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>Terkirim</translation>
    </message>
    <message>
        <source>Any channel</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>Choose a message to see who has it.</source>
        <translation>Pilih pesan untuk melihat siapa yang sudah menerimanya.</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Tingkat</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Waktu</translation>
    </message>
    <message>
        <source>Searching …</source>
        <translation>Mencari …</translation>
    </message>
    <message>
        <source>Reading …</source>
        <translation>Membaca …</translation>
    </message>
    <message>
        <source>What you send appears here, with who has received, shown and acknowledged it. Write a title and a message under Compose, then press Send.</source>
        <translation>Yang Anda kirim muncul di sini, lengkap dengan siapa yang menerima, menampilkan, dan mengonfirmasinya. Tulis judul dan pesan di halaman Tulis, lalu tekan Kirim.</translation>
    </message>
    <message>
        <source>Nothing found. Look for other words, or choose any channel, any level and any time again.</source>
        <translation>Tidak ada yang ditemukan. Cari kata lain, atau pilih lagi kanal, tingkat, dan waktu apa saja.</translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>Use what is set for this PC, or the default</source>
        <translation>Pakai yang diatur untuk PC ini, atau nilai bawaan</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Atur ulang</translation>
    </message>
    <message>
        <source>Reset when you save</source>
        <translation>Diatur ulang saat disimpan</translation>
    </message>
</context>
<context>
    <name>SettingsController</name>
    <message>
        <source>Your own settings are kept in {file}.</source>
        <translation>Pengaturan Anda sendiri disimpan di {file}.</translation>
    </message>
    <message>
        <source>Redis&apos; address cannot be changed here ({source}). {ask}</source>
        <translation>Alamat Redis tidak dapat diubah di sini ({source}). {ask}</translation>
    </message>
    <message>
        <source>Saved.</source>
        <translation>Tersimpan.</translation>
    </message>
    <message>
        <source>Trying the connection …</source>
        <translation>Mencoba sambungan …</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Password</source>
        <translation>Kata sandi</translation>
    </message>
    <message>
        <source>Test the connection</source>
        <translation>Uji sambungan</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Simpan</translation>
    </message>
    <message>
        <source>A password is set; type to replace it</source>
        <translation>Kata sandi sudah ada; ketik untuk menggantinya</translation>
    </message>
    <message>
        <source>None is set</source>
        <translation>Belum ada</translation>
    </message>
    <message>
        <source>Of the Redis account. It is kept in a file that only you can read.</source>
        <translation>Kata sandi akun Redis. Disimpan di berkas yang hanya dapat Anda baca.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Pengaturan</translation>
    </message>
</context>
<context>
    <name>SmallWindow</name>
    <message>
        <source>Siaran</source>
        <translation>Siaran</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>Pesan</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Lainnya</translation>
    </message>
</context>
<context>
    <name>TaskLine</name>
    <message>
        <source>Write a new message instead</source>
        <translation>Tulis pesan baru saja</translation>
    </message>
</context>
<context>
    <name>TemplateBar</name>
    <message>
        <source>Tem&amp;plates</source>
        <translation>Te&amp;mplat</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Hapus</translation>
    </message>
    <message>
        <source>No templates yet</source>
        <translation>Belum ada templat</translation>
    </message>
    <message>
        <source>Save as a template …</source>
        <translation>Simpan sebagai templat …</translation>
    </message>
</context>
<context>
    <name>TemplatesController</name>
    <message>
        <source>All consoles share it.</source>
        <translation>Dipakai bersama semua konsol.</translation>
    </message>
    <message>
        <source>It is gone from all consoles then.</source>
        <translation>Templat ini akan hilang dari semua konsol.</translation>
    </message>
    <message>
        <source>Replace the template {name}?</source>
        <translation>Ganti templat {name}?</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Ganti</translation>
    </message>
    <message>
        <source>Keep it as it is</source>
        <translation>Biarkan seperti semula</translation>
    </message>
    <message>
        <source>Delete the template {name}?</source>
        <translation>Hapus templat {name}?</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Hapus</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Biarkan</translation>
    </message>
    <message>
        <source>The template {name} is deleted.</source>
        <translation>Templat {name} dihapus.</translation>
    </message>
    <message>
        <source>The template {name} is saved.</source>
        <translation>Templat {name} sudah disimpan.</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>This PC: {who}</source>
        <translation>PC ini: {who}</translation>
    </message>
    <message>
        <source>Channels: {names}</source>
        <translation>Kanal: {names}</translation>
    </message>
    <message>
        <source>Another PC uses the same name.</source>
        <translation>PC lain memakai nama yang sama.</translation>
    </message>
    <message>
        <source>No Redis address is set on this PC.</source>
        <translation>Alamat Redis belum diatur di PC ini.</translation>
    </message>
    <message>
        <source>Answer the open message</source>
        <translation>Jawab pesan yang terbuka</translation>
    </message>
    <message>
        <source>Open the inbox</source>
        <translation>Buka kotak masuk</translation>
    </message>
    <message>
        <source>Connect now</source>
        <translation>Hubungkan sekarang</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Keluar</translation>
    </message>
    <message>
        <source>Messages were deleted before this PC could read them: {channels}</source>
        <translation>Ada pesan yang terhapus sebelum PC ini sempat membacanya: {channels}</translation>
    </message>
    <message>
        <source>Connected to {address}</source>
        <translation>Terhubung ke {address}</translation>
    </message>
    <message>
        <source>Connecting to {address}</source>
        <translation>Menghubungkan ke {address}</translation>
    </message>
    <message>
        <source>Refused: {reason}</source>
        <translation>Ditolak: {reason}</translation>
    </message>
    <message>
        <source>Connecting again: {reason}</source>
        <translation>Menghubungkan lagi: {reason}</translation>
    </message>
    <message numerus="yes">
        <source>%Ln waiting</source>
        <translation>
            <numerusform>%Ln menunggu</numerusform>
        </translation>
    </message>
    <message>
        <source>Later</source>
        <translation>Nanti</translation>
    </message>
    <message>
        <source>Do not disturb</source>
        <translation>Jangan ganggu</translation>
    </message>
    <message>
        <source>Disturb me again</source>
        <translation>Boleh ganggu lagi</translation>
    </message>
    <message numerus="yes">
        <source>%Ln minute(s)</source>
        <translation>
            <numerusform>%Ln menit</numerusform>
        </translation>
    </message>
    <message>
        <source>Do not disturb until {time}</source>
        <translation>Jangan ganggu sampai {time}</translation>
    </message>
</context>
<context>
    <name>_EmptyOutlets</name>
    <message>
        <source>Import list …</source>
        <translation>Impor daftar …</translation>
    </message>
    <message>
        <source>No outlet PC has been connected yet. Each appears here by itself with its first sign of life.

Import a list of your outlets to see at once which are still missing: a CSV file with the columns outlet, pc, channels and name, of which only outlet is needed.</source>
        <translation>Belum ada PC gerai yang terhubung. Setiap PC muncul di sini dengan sendirinya begitu memberi tanda hidup pertama.

Impor daftar gerai Anda untuk langsung melihat yang masih kurang: berkas CSV dengan kolom outlet, pc, channels, dan name; hanya outlet yang wajib.</translation>
    </message>
</context>
<context>
    <name>answers</name>
    <message>
        <source>Answered by {endpoint}.</source>
        <translation>Dijawab oleh {endpoint}.</translation>
    </message>
    <message>
        <source>Already answered by {endpoint}.</source>
        <translation>Sudah dijawab oleh {endpoint}.</translation>
    </message>
    <message>
        <source>Answered by {endpoint}: {reply}</source>
        <translation>Dijawab oleh {endpoint}: {reply}</translation>
    </message>
    <message>
        <source>Reported as acknowledged by {endpoint}, but not on this screen.</source>
        <translation>Dilaporkan sudah dikonfirmasi oleh {endpoint}, tetapi tidak di layar ini.</translation>
    </message>
    <message>
        <source>Already answered by {endpoint}: {reply}</source>
        <translation>Sudah dijawab oleh {endpoint}: {reply}</translation>
    </message>
</context>
<context>
    <name>channels</name>
    <message>
        <source>All channels</source>
        <translation>Semua kanal</translation>
    </message>
</context>
<context>
    <name>fate</name>
    <message>
        <source>Replaces “{title}”</source>
        <translation>Menggantikan “{title}”</translation>
    </message>
    <message>
        <source>It took the place of “{title}”, sent {time}.</source>
        <translation>Pesan ini menggantikan “{title}”, dikirim {time}.</translation>
    </message>
    <message>
        <source>Recalled {time}</source>
        <translation>Ditarik kembali {time}</translation>
    </message>
    <message>
        <source>Replaced {time} by “{title}”</source>
        <translation>Diganti {time} dengan “{title}”</translation>
    </message>
    <message>
        <source>Replaces an earlier message</source>
        <translation>Menggantikan pesan sebelumnya</translation>
    </message>
    <message>
        <source>Recalled at {time}: no PC shows it any more.</source>
        <translation>Ditarik kembali pada {time}: tidak ada PC yang menampilkannya lagi.</translation>
    </message>
    <message>
        <source>Replaced at {time} by “{title}”.</source>
        <translation>Diganti pada {time} dengan “{title}”.</translation>
    </message>
    <message>
        <source>It took the place of an earlier message.</source>
        <translation>Pesan ini menggantikan pesan sebelumnya.</translation>
    </message>
    <message>
        <source>Opened {time}</source>
        <translation>Terbuka {time}</translation>
    </message>
    <message>
        <source>Opens {time}</source>
        <translation>Akan terbuka {time}</translation>
    </message>
</context>
<context>
    <name>inbox</name>
    <message>
        <source>All messages</source>
        <translation>Semua pesan</translation>
    </message>
    <message>
        <source>Unread</source>
        <translation>Belum dibaca</translation>
    </message>
    <message>
        <source>Not acknowledged</source>
        <translation>Belum dikonfirmasi</translation>
    </message>
    <message>
        <source>Acknowledged at {time}</source>
        <translation>Dikonfirmasi {time}</translation>
    </message>
    <message>
        <source>Replaced by a newer message</source>
        <translation>Digantikan pesan yang lebih baru</translation>
    </message>
</context>
<context>
    <name>levels</name>
    <message>
        <source>Silent</source>
        <translation>Senyap</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>Biasa</translation>
    </message>
    <message>
        <source>Important</source>
        <translation>Penting</translation>
    </message>
    <message>
        <source>Urgent</source>
        <translation>Mendesak</translation>
    </message>
    <message>
        <source>Emergency</source>
        <translation>Darurat</translation>
    </message>
</context>
<context>
    <name>outlets</name>
    <message>
        <source>{connected} of {pcs} PCs connected, last seen {time}</source>
        <translation>{connected} dari {pcs} PC terhubung, terakhir terlihat {time}</translation>
    </message>
    <message>
        <source>Outlet</source>
        <translation>Gerai</translation>
    </message>
    <message>
        <source>PC</source>
        <translation>PC</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Last seen</source>
        <translation>Terakhir terlihat</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Versi</translation>
    </message>
    <message>
        <source>Remarks</source>
        <translation>Catatan</translation>
    </message>
    <message>
        <source>Another PC uses this name, too</source>
        <translation>Nama ini juga dipakai PC lain</translation>
    </message>
    <message>
        <source>No PC of this outlet was ever connected</source>
        <translation>Belum pernah ada PC gerai ini yang terhubung</translation>
    </message>
    <message>
        <source>All PCs</source>
        <translation>Semua PC</translation>
    </message>
    <message>
        <source>Connected</source>
        <translation>Terhubung</translation>
    </message>
    <message>
        <source>Silent</source>
        <translation>Tidak menjawab</translation>
    </message>
    <message>
        <source>Switched off</source>
        <translation>Dimatikan</translation>
    </message>
    <message>
        <source>Never seen</source>
        <translation>Belum pernah terlihat</translation>
    </message>
    <message>
        <source>Two PCs of one name</source>
        <translation>Dua PC bernama sama</translation>
    </message>
    <message>
        <source>Refusing messages</source>
        <translation>Menolak pesan</translation>
    </message>
    <message>
        <source>Not in the list</source>
        <translation>Tidak ada di daftar</translation>
    </message>
    <message>
        <source>Remove …</source>
        <translation>Hapus …</translation>
    </message>
    <message numerus="yes">
        <source>%Ln message(s) refused</source>
        <translation>
            <numerusform>%Ln pesan ditolak</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{reached} of %Ln outlet(s) can be reached now.</source>
        <translation>
            <numerusform>Saat ini {reached} dari %Ln gerai dapat dijangkau.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %Ln outlet(s) can be reached.</source>
        <translation>
            <numerusform>Semua %Ln gerai dapat dijangkau.</numerusform>
        </translation>
    </message>
    <message>
        <source>Reporting trouble</source>
        <translation>Melaporkan masalah</translation>
    </message>
    <message>
        <source>PCs cannot report now, because the server&apos;s memory is full. This is how they stood before.</source>
        <translation>PC tidak dapat melapor sekarang karena memori server penuh. Ini keadaan sebelumnya.</translation>
    </message>
</context>
<context>
    <name>paper</name>
    <message>
        <source>Everybody has acknowledged it.</source>
        <translation>Semua sudah mengonfirmasinya.</translation>
    </message>
    <message numerus="yes">
        <source>Not acknowledged: %Ln PC(s)</source>
        <translation>
            <numerusform>Belum dikonfirmasi: %Ln PC</numerusform>
        </translation>
    </message>
    <message>
        <source>PCs received it</source>
        <translation>PC menerima</translation>
    </message>
    <message>
        <source>PCs showed it</source>
        <translation>PC menampilkan</translation>
    </message>
    <message>
        <source>PCs acknowledged it</source>
        <translation>PC mengonfirmasi</translation>
    </message>
    <message>
        <source>outlets acknowledged it</source>
        <translation>gerai mengonfirmasi</translation>
    </message>
    <message>
        <source>of {whole}</source>
        <translation>dari {whole}</translation>
    </message>
    <message numerus="yes">
        <source>Not acknowledged: %Ln outlet(s)</source>
        <translation>
            <numerusform>Belum dikonfirmasi: %Ln gerai</numerusform>
        </translation>
    </message>
    <message>
        <source>Page {page} of {count}</source>
        <translation>Halaman {page} dari {count}</translation>
    </message>
    <message>
        <source>Siaran · as of {time}</source>
        <translation>Siaran · per {time}</translation>
    </message>
</context>
<context>
    <name>phrases</name>
    <message>
        <source>Something unexpected went wrong ({kind}).</source>
        <translation>Terjadi kesalahan yang tidak terduga ({kind}).</translation>
    </message>
    <message>
        <source>It is tried again; the details are in the log file.</source>
        <translation>Dicoba lagi; rinciannya ada di berkas log.</translation>
    </message>
    <message>
        <source>outlet_pattern does not fit this PC&apos;s name, {host!r}.</source>
        <translation>outlet_pattern tidak cocok dengan nama PC ini, {host!r}.</translation>
    </message>
    <message>
        <source>The folder {parent} cannot be used; it has to belong to this user alone.</source>
        <translation>Folder {parent} tidak dapat dipakai; folder itu harus milik pengguna ini saja.</translation>
    </message>
    <message>
        <source>Remove it, or set XDG_RUNTIME_DIR.</source>
        <translation>Hapus folder itu, atau atur XDG_RUNTIME_DIR.</translation>
    </message>
    <message>
        <source>Siaran is already running here.</source>
        <translation>Siaran sudah berjalan di sini.</translation>
    </message>
    <message>
        <source>The folder {data_dir} cannot be used: {reason}.</source>
        <translation>Folder {data_dir} tidak dapat dipakai: {reason}.</translation>
    </message>
    <message>
        <source>Choose another data_dir, or let this user write to it.</source>
        <translation>Pilih data_dir lain, atau izinkan pengguna ini menulis ke sana.</translation>
    </message>
    <message>
        <source>The socket {path} cannot be used: {reason}.</source>
        <translation>Soket {path} tidak dapat dipakai: {reason}.</translation>
    </message>
    <message>
        <source>{place} is ignored: others than its owner could have written it. Let it belong to root, with mode 644 or 755.</source>
        <translation>{place} diabaikan: selain pemiliknya, orang lain dapat menulisnya. Jadikan milik root, dengan mode 644 atau 755.</translation>
    </message>
    <message>
        <source>{path} has to hold a JSON object.</source>
        <translation>{path} harus berisi objek JSON.</translation>
    </message>
    <message>
        <source>{path} cannot be read ({reason}).</source>
        <translation>{path} tidak dapat dibaca ({reason}).</translation>
    </message>
    <message>
        <source>{path} is not valid JSON: {reason}.</source>
        <translation>{path} bukan JSON yang sah: {reason}.</translation>
    </message>
    <message>
        <source>The Redis address cannot be used ({reason}); write it like redis://hq-redis:6379 or rediss://hq-redis:6380.</source>
        <translation>Alamat Redis tidak dapat dipakai ({reason}); tulis seperti redis://hq-redis:6379 atau rediss://hq-redis:6380.</translation>
    </message>
    <message>
        <source>The password file {path} cannot be read ({reason}).</source>
        <translation>Berkas kata sandi {path} tidak dapat dibaca ({reason}).</translation>
    </message>
    <message>
        <source>it has to begin with redis:// or rediss://</source>
        <translation>harus diawali redis:// atau rediss://</translation>
    </message>
    <message>
        <source>the host name is missing</source>
        <translation>nama host tidak ada</translation>
    </message>
    <message>
        <source>what follows the last / has to be a database number</source>
        <translation>bagian setelah / terakhir harus berupa nomor basis data</translation>
    </message>
    <message>
        <source>the port has to be a number from 0 to 65535</source>
        <translation>port harus berupa angka dari 0 sampai 65535</translation>
    </message>
    <message>
        <source>The file in {name}, {path}, cannot be read ({reason}).</source>
        <translation>Berkas pada {name}, {path}, tidak dapat dibaca ({reason}).</translation>
    </message>
    <message>
        <source>not text</source>
        <translation>bukan teks</translation>
    </message>
    <message>
        <source>it is no address</source>
        <translation>bukan alamat</translation>
    </message>
    <message>
        <source>the socket&apos;s path is missing</source>
        <translation>jalur soket tidak ada</translation>
    </message>
    <message>
        <source>its memory is full</source>
        <translation>memorinya penuh</translation>
    </message>
    <message>
        <source>it cannot write to its disk</source>
        <translation>tidak dapat menulis ke disknya</translation>
    </message>
    <message>
        <source>it is a read-only replica</source>
        <translation>server itu replika yang hanya dapat dibaca</translation>
    </message>
    <message>
        <source>too few of its replicas are up</source>
        <translation>terlalu sedikit replikanya yang aktif</translation>
    </message>
    <message>
        <source>it has lost its master</source>
        <translation>masternya hilang</translation>
    </message>
    <message>
        <source>Redis at {address} cannot store messages now: {reason}.</source>
        <translation>Redis di {address} saat ini tidak dapat menyimpan pesan: {reason}.</translation>
    </message>
    <message>
        <source>The server at {address} lacks a command that Siaran needs ({answer}).</source>
        <translation>Server di {address} tidak memiliki perintah yang diperlukan Siaran ({answer}).</translation>
    </message>
    <message>
        <source>Redis at {address} answered with an error: {answer}</source>
        <translation>Redis di {address} menjawab dengan kesalahan: {answer}</translation>
    </message>
    <message>
        <source>The account used at Redis {address} lacks a permission: {right}.</source>
        <translation>Akun yang dipakai di Redis {address} tidak memiliki izin: {right}.</translation>
    </message>
    <message>
        <source>Ask whoever runs Redis to add it.</source>
        <translation>Mintalah pengelola Redis menambahkannya.</translation>
    </message>
    <message>
        <source>The connection to Redis at {address} was lost.</source>
        <translation>Sambungan ke Redis di {address} terputus.</translation>
    </message>
    <message>
        <source>Redis at {address} cannot be reached.</source>
        <translation>Redis di {address} tidak dapat dijangkau.</translation>
    </message>
    <message>
        <source>Check the network and redis_url.</source>
        <translation>Periksa jaringan dan redis_url.</translation>
    </message>
    <message>
        <source>What answers at {address} is not Redis, or expects an encrypted connection.</source>
        <translation>Yang menjawab di {address} bukan Redis, atau meminta sambungan terenkripsi.</translation>
    </message>
    <message>
        <source>Check host, port and redis:// or rediss:// in the setting redis_url.</source>
        <translation>Periksa host, port, dan redis:// atau rediss:// pada pengaturan redis_url.</translation>
    </message>
    <message>
        <source>the command {name}</source>
        <translation>perintah {name}</translation>
    </message>
    <message>
        <source>a command that Siaran&apos;s script runs</source>
        <translation>perintah yang dijalankan skrip Siaran</translation>
    </message>
    <message>
        <source>a channel it has to use</source>
        <translation>kanal yang harus dipakainya</translation>
    </message>
    <message>
        <source>a key it has to use</source>
        <translation>kunci yang harus dipakainya</translation>
    </message>
    <message>
        <source>Tell whoever runs Redis.</source>
        <translation>Beri tahu pengelola Redis.</translation>
    </message>
    <message>
        <source>Siaran needs Redis or Valkey 6.2 or newer.</source>
        <translation>Siaran memerlukan Redis atau Valkey 6.2 atau lebih baru.</translation>
    </message>
    <message>
        <source>Redis at {address} is still loading its data.</source>
        <translation>Redis di {address} masih memuat datanya.</translation>
    </message>
    <message>
        <source>It will be ready soon.</source>
        <translation>Sebentar lagi siap.</translation>
    </message>
    <message>
        <source>Redis at {address} refused the login: user name or password is wrong.</source>
        <translation>Redis di {address} menolak login: nama pengguna atau kata sandi salah.</translation>
    </message>
    <message>
        <source>Check the settings username and password_file.</source>
        <translation>Periksa pengaturan username dan password_file.</translation>
    </message>
    <message>
        <source>not trusted</source>
        <translation>tidak tepercaya</translation>
    </message>
    <message>
        <source>The certificate of Redis at {address} cannot be trusted: {reason}.</source>
        <translation>Sertifikat Redis di {address} tidak dapat dipercaya: {reason}.</translation>
    </message>
    <message>
        <source>Check the settings redis_url and ca_file.</source>
        <translation>Periksa pengaturan redis_url dan ca_file.</translation>
    </message>
    <message>
        <source>TLS failed</source>
        <translation>TLS gagal</translation>
    </message>
    <message>
        <source>No encrypted connection to {address}: {reason}.</source>
        <translation>Tidak ada sambungan terenkripsi ke {address}: {reason}.</translation>
    </message>
    <message>
        <source>Check redis_url (rediss:// or redis://), cert_file and key_file.</source>
        <translation>Periksa redis_url (rediss:// atau redis://), cert_file, dan key_file.</translation>
    </message>
    <message>
        <source>No computer is known by the name in {address}.</source>
        <translation>Tidak ada komputer dengan nama pada {address}.</translation>
    </message>
    <message>
        <source>Check the setting redis_url and this PC&apos;s network.</source>
        <translation>Periksa pengaturan redis_url dan jaringan PC ini.</translation>
    </message>
    <message>
        <source>Nothing answers at {address}.</source>
        <translation>Tidak ada yang menjawab di {address}.</translation>
    </message>
    <message>
        <source>Check that Redis is running and the setting redis_url.</source>
        <translation>Periksa apakah Redis berjalan, dan pengaturan redis_url.</translation>
    </message>
    <message>
        <source>Redis at {address} does not answer in time.</source>
        <translation>Redis di {address} tidak menjawab tepat waktu.</translation>
    </message>
    <message>
        <source>Check the network, the firewall, and redis:// or rediss:// in redis_url.</source>
        <translation>Periksa jaringan, firewall, dan redis:// atau rediss:// pada redis_url.</translation>
    </message>
    <message>
        <source>Redis at {address} has gone silent.</source>
        <translation>Redis di {address} tidak menjawab lagi.</translation>
    </message>
    <message>
        <source>a name of at most {n} characters without a slash</source>
        <translation>nama paling banyak {n} karakter tanpa garis miring</translation>
    </message>
    <message>
        <source>an expression with a group (?P&lt;outlet&gt;…)</source>
        <translation>ekspresi dengan grup (?P&lt;outlet&gt;…)</translation>
    </message>
    <message>
        <source>{place}: {name} is wrong ({reason}).</source>
        <translation>{place}: {name} salah ({reason}).</translation>
    </message>
    <message>
        <source>{place}: {name} is wrong; it has to be {wanted}.</source>
        <translation>{place}: {name} salah; seharusnya {wanted}.</translation>
    </message>
    <message>
        <source>a number from {low} to {high}</source>
        <translation>angka dari {low} sampai {high}</translation>
    </message>
    <message>
        <source>at most {n} characters</source>
        <translation>paling banyak {n} karakter</translation>
    </message>
    <message>
        <source>channel names of 1 to 100 characters</source>
        <translation>nama kanal 1 sampai 100 karakter</translation>
    </message>
    <message>
        <source>letters, digits, . _ - only</source>
        <translation>hanya huruf, angka, . _ -</translation>
    </message>
    <message>
        <source>{place}: {name} is for IT to set, in a policy or for the whole PC.</source>
        <translation>{place}: {name} hanya dapat diatur IT, dalam kebijakan atau untuk seluruh PC.</translation>
    </message>
    <message>
        <source>a regular expression</source>
        <translation>ekspresi reguler</translation>
    </message>
    <message>
        <source>This is wrong ({reason}).</source>
        <translation>Ini salah ({reason}).</translation>
    </message>
    <message>
        <source>This is wrong; it has to be {wanted}.</source>
        <translation>Ini salah; seharusnya {wanted}.</translation>
    </message>
    <message>
        <source>{place}: there is no setting {name!r}.</source>
        <translation>{place}: tidak ada pengaturan {name!r}.</translation>
    </message>
    <message>
        <source>{path} cannot be written ({reason}).</source>
        <translation>{path} tidak dapat ditulis ({reason}).</translation>
    </message>
    <message>
        <source>Make room on the disk, or let this user write there.</source>
        <translation>Kosongkan ruang di disk, atau izinkan pengguna ini menulis di sana.</translation>
    </message>
    <message>
        <source>In {path}, {name!r} is no table.</source>
        <translation>Di {path}, {name!r} bukan tabel.</translation>
    </message>
    <message>
        <source>Mend or remove the file.</source>
        <translation>Perbaiki atau hapus berkas itu.</translation>
    </message>
    <message>
        <source>{path} is not valid TOML, so nothing was saved: {reason}.</source>
        <translation>{path} bukan TOML yang sah, jadi tidak ada yang disimpan: {reason}.</translation>
    </message>
    <message>
        <source>has to have a public key of 32 bytes in base64</source>
        <translation>harus memiliki kunci publik 32 bita dalam base64</translation>
    </message>
    <message>
        <source>The trusted key {name!r} {reason}.</source>
        <translation>Kunci tepercaya {name!r} {reason}.</translation>
    </message>
    <message>
        <source>has to have a valid_until like 2027-12-31</source>
        <translation>harus memiliki valid_until seperti 2027-12-31</translation>
    </message>
    <message>
        <source>an Ed25519 seed has 32 bytes</source>
        <translation>benih Ed25519 terdiri dari 32 bita</translation>
    </message>
    <message>
        <source>A key id has 1 to 40 letters, digits, dots, dashes or underscores.</source>
        <translation>Id kunci terdiri dari 1 sampai 40 huruf, angka, titik, tanda hubung, atau garis bawah.</translation>
    </message>
    <message>
        <source>{path} exists already; a key is never overwritten.</source>
        <translation>{path} sudah ada; kunci tidak pernah ditimpa.</translation>
    </message>
    <message>
        <source>Others can read the signing key {path}; run chmod 600 on it.</source>
        <translation>Kunci tanda tangan {path} dapat dibaca orang lain; jalankan chmod 600 untuknya.</translation>
    </message>
    <message>
        <source>The signing key {path} cannot be read ({reason}).</source>
        <translation>Kunci tanda tangan {path} tidak dapat dibaca ({reason}).</translation>
    </message>
    <message>
        <source>{path} holds no signing key; make one with siaran-console keygen.</source>
        <translation>{path} tidak berisi kunci tanda tangan; buat dengan siaran-console keygen.</translation>
    </message>
    <message>
        <source>environment</source>
        <translation>variabel lingkungan</translation>
    </message>
    <message>
        <source>command line</source>
        <translation>baris perintah</translation>
    </message>
    <message>
        <source>there is no variable {name} here</source>
        <translation>tidak ada variabel {name} di sini</translation>
    </message>
    <message>
        <source>{path} is not valid TOML: {reason}.</source>
        <translation>{path} bukan TOML yang sah: {reason}.</translation>
    </message>
    <message>
        <source>There is no channel {name!r}.</source>
        <translation>Tidak ada kanal {name!r}.</translation>
    </message>
    <message>
        <source>{name!r} cannot be a channel&apos;s name.</source>
        <translation>{name!r} tidak dapat menjadi nama kanal.</translation>
    </message>
    <message>
        <source>There is a channel {name!r} already.</source>
        <translation>Sudah ada kanal {name!r}.</translation>
    </message>
    <message>
        <source>A label has 1 to {most} characters.</source>
        <translation>Label terdiri dari 1 sampai {most} karakter.</translation>
    </message>
    <message>
        <source>{n} of {known} known PCs are connected now.</source>
        <translation>Saat ini {n} dari {known} PC yang dikenal terhubung.</translation>
    </message>
    <message>
        <source>Version {version}.</source>
        <translation>Versi {version}.</translation>
    </message>
    <message>
        <source>The connection is not encrypted: use rediss:// outside a network you trust.</source>
        <translation>Sambungan tidak terenkripsi: gunakan rediss:// di luar jaringan yang Anda percayai.</translation>
    </message>
    <message>
        <source>Only Redis 7 or newer can tell where the account may send.</source>
        <translation>Hanya Redis 7 atau lebih baru yang dapat memberi tahu ke mana akun boleh mengirim.</translation>
    </message>
    <message>
        <source>Nothing can be sent to {channel}: the account lacks {right}.</source>
        <translation>Tidak ada yang dapat dikirim ke {channel}: akun tidak memiliki {right}.</translation>
    </message>
    <message>
        <source>And so for {n} more channel.</source>
        <translation>Begitu pula untuk {n} kanal lain.</translation>
    </message>
    <message>
        <source>And so for {n} more channels.</source>
        <translation>Begitu pula untuk {n} kanal lain.</translation>
    </message>
    <message>
        <source>Redis keeps no append-only file: a restart loses messages. Set appendonly yes.</source>
        <translation>Redis tidak menyimpan berkas append-only: pesan hilang saat dimulai ulang. Atur appendonly yes.</translation>
    </message>
    <message>
        <source>With maxmemory-policy {eviction} Redis may drop messages. Set noeviction.</source>
        <translation>Dengan maxmemory-policy {eviction}, Redis dapat membuang pesan. Atur noeviction.</translation>
    </message>
    <message>
        <source>This server takes messages itself.</source>
        <translation>Server ini menerima pesan sendiri.</translation>
    </message>
    <message>
        <source>Redis&apos; clock is {seconds} s ahead of ours.</source>
        <translation>Jam Redis {seconds} detik lebih cepat dari jam PC ini.</translation>
    </message>
    <message>
        <source>Redis&apos; clock is {seconds} s behind ours.</source>
        <translation>Jam Redis {seconds} detik lebih lambat dari jam PC ini.</translation>
    </message>
    <message>
        <source>PCs follow channels that nobody offers: {names}.</source>
        <translation>Ada PC yang mengikuti kanal yang tidak tersedia: {names}.</translation>
    </message>
    <message>
        <source>No channels were set up: the three default ones are offered.</source>
        <translation>Belum ada kanal yang dibuat: tiga kanal bawaan tersedia.</translation>
    </message>
    <message>
        <source>Channels: {names}.</source>
        <translation>Kanal: {names}.</translation>
    </message>
    <message>
        <source>Used by two PCs at once: {names}.</source>
        <translation>Dipakai dua PC sekaligus: {names}.</translation>
    </message>
    <message>
        <source>Redis answers at {address}.</source>
        <translation>Redis menjawab di {address}.</translation>
    </message>
    <message>
        <source>The account may not ask for Redis&apos; version (INFO).</source>
        <translation>Akun tidak boleh menanyakan versi Redis (INFO).</translation>
    </message>
    <message>
        <source>Version {version} is too old; Siaran needs 6.2 or newer.</source>
        <translation>Versi {version} terlalu lama; Siaran memerlukan 6.2 atau lebih baru.</translation>
    </message>
    <message>
        <source>The connection is encrypted, or stays here.</source>
        <translation>Sambungan terenkripsi, atau tidak meninggalkan PC ini.</translation>
    </message>
    <message>
        <source>The account may send to every channel.</source>
        <translation>Akun boleh mengirim ke semua kanal.</translation>
    </message>
    <message>
        <source>The account may not see how Redis stores data.</source>
        <translation>Akun tidak boleh melihat cara Redis menyimpan data.</translation>
    </message>
    <message>
        <source>Redis keeps an append-only file.</source>
        <translation>Redis menyimpan berkas append-only.</translation>
    </message>
    <message>
        <source>The account may not see Redis&apos; eviction policy.</source>
        <translation>Akun tidak boleh melihat kebijakan eviction Redis.</translation>
    </message>
    <message>
        <source>Redis drops nothing when its memory is full.</source>
        <translation>Redis tidak membuang apa pun saat memorinya penuh.</translation>
    </message>
    <message>
        <source>This is a replica, which takes no messages.</source>
        <translation>Ini replika, yang tidak menerima pesan.</translation>
    </message>
    <message>
        <source>Nothing can be sent.</source>
        <translation>Tidak ada yang dapat dikirim.</translation>
    </message>
    <message>
        <source>All channels</source>
        <translation>Semua kanal</translation>
    </message>
    <message>
        <source>This cannot be changed here.</source>
        <translation>Ini tidak dapat diubah di sini.</translation>
    </message>
    <message>
        <source>There is no settings file for this user.</source>
        <translation>Tidak ada berkas pengaturan untuk pengguna ini.</translation>
    </message>
    <message>
        <source>Write a title.</source>
        <translation>Tulis judulnya.</translation>
    </message>
    <message>
        <source>Write a message.</source>
        <translation>Tulis pesannya.</translation>
    </message>
    <message>
        <source>The title</source>
        <translation>Judul</translation>
    </message>
    <message>
        <source>The message</source>
        <translation>Pesan</translation>
    </message>
    <message>
        <source>Choose a channel.</source>
        <translation>Pilih kanal.</translation>
    </message>
    <message>
        <source>Choose either all channels or some of them.</source>
        <translation>Pilih semua kanal, atau sebagian saja.</translation>
    </message>
    <message>
        <source>Choose at most {most} channels.</source>
        <translation>Pilih paling banyak {most} kanal.</translation>
    </message>
    <message>
        <source>{what} has {n} characters; {limit} is the most that can be sent.</source>
        <translation>{what} terdiri dari {n} karakter; paling banyak {limit} yang dapat dikirim.</translation>
    </message>
    <message>
        <source>The console is not connected to Redis yet.</source>
        <translation>Konsol belum terhubung ke Redis.</translation>
    </message>
    <message>
        <source>Wait until it is; nothing you typed is lost.</source>
        <translation>Tunggu sampai terhubung; yang Anda ketik tidak hilang.</translation>
    </message>
    <message>
        <source>Redis did not confirm the message, so it is not known whether it was sent.</source>
        <translation>Redis tidak mengonfirmasi pesan, jadi tidak diketahui apakah pesan terkirim.</translation>
    </message>
    <message>
        <source>Press Send again when the connection is back: nobody will see it twice.</source>
        <translation>Tekan Kirim lagi setelah sambungan kembali: tidak ada yang akan melihatnya dua kali.</translation>
    </message>
    <message>
        <source>The inbox of this PC was damaged and has been rebuilt; what was answered since may be shown again.</source>
        <translation>Kotak masuk PC ini rusak dan sudah dibangun ulang; yang telah dijawab mungkin ditampilkan lagi.</translation>
    </message>
    <message>
        <source>The inbox {place} cannot be used: {reason}.</source>
        <translation>Kotak masuk {place} tidak dapat dipakai: {reason}.</translation>
    </message>
    <message>
        <source>Make room on the disk, or let this user write to the folder.</source>
        <translation>Kosongkan ruang di disk, atau izinkan pengguna ini menulis ke folder itu.</translation>
    </message>
    <message>
        <source>The inbox {place} was written by a newer Siaran.</source>
        <translation>Kotak masuk {place} ditulis oleh Siaran yang lebih baru.</translation>
    </message>
    <message>
        <source>Install the newer version again, or choose another data_dir.</source>
        <translation>Pasang lagi versi yang lebih baru, atau pilih data_dir lain.</translation>
    </message>
    <message>
        <source>The inbox {place} is damaged.</source>
        <translation>Kotak masuk {place} rusak.</translation>
    </message>
    <message>
        <source>It is rebuilt at the next start.</source>
        <translation>Dibangun ulang saat dimulai lagi.</translation>
    </message>
    <message>
        <source>a cell goes on over many lines. Is a quotation mark missing?</source>
        <translation>satu sel memanjang ke banyak baris. Apakah ada tanda kutip yang kurang?</translation>
    </message>
    <message>
        <source>a character cannot be read. Save the file as CSV UTF-8.</source>
        <translation>ada karakter yang tidak terbaca. Simpan berkas sebagai CSV UTF-8.</translation>
    </message>
    <message>
        <source>the outlet is missing.</source>
        <translation>gerai tidak ada.</translation>
    </message>
    <message>
        <source>the PC stands beside the outlet and in its own column, too.</source>
        <translation>PC tertulis di samping gerai dan juga di kolomnya sendiri.</translation>
    </message>
    <message>
        <source>The file has more than {limit} MB: it is no list of outlets.</source>
        <translation>Berkas lebih dari {limit} MB: ini bukan daftar gerai.</translation>
    </message>
    <message>
        <source>The file is no text. Save the sheet as CSV and choose that file.</source>
        <translation>Berkas bukan teks. Simpan lembar sebagai CSV, lalu pilih berkas itu.</translation>
    </message>
    <message>
        <source>The file is empty.</source>
        <translation>Berkas kosong.</translation>
    </message>
    <message>
        <source>The file has {n} outlets; {limit} is the most.</source>
        <translation>Berkas berisi {n} gerai; paling banyak {limit}.</translation>
    </message>
    <message>
        <source>outlet</source>
        <translation>gerai</translation>
    </message>
    <message>
        <source>PC</source>
        <translation>PC</translation>
    </message>
    <message>
        <source>the {what} {name!r} has a slash or more than {limit} characters.</source>
        <translation>{what} {name!r} berisi garis miring atau lebih dari {limit} karakter.</translation>
    </message>
    <message>
        <source>Line {number}: {wrong}</source>
        <translation>Baris {number}: {wrong}</translation>
    </message>
    <message>
        <source>A template&apos;s name has 1 to {limit} characters.</source>
        <translation>Nama templat terdiri dari 1 sampai {limit} karakter.</translation>
    </message>
    <message>
        <source>A template needs a title or a message.</source>
        <translation>Templat memerlukan judul atau pesan.</translation>
    </message>
    <message>
        <source>A title has at most {limit} characters.</source>
        <translation>Judul paling banyak {limit} karakter.</translation>
    </message>
    <message>
        <source>A message has at most {limit} characters.</source>
        <translation>Pesan paling banyak {limit} karakter.</translation>
    </message>
    <message>
        <source>Write the time like 09:00.</source>
        <translation>Tulis waktu seperti 09:00.</translation>
    </message>
    <message>
        <source>Choose at least one day of the week.</source>
        <translation>Pilih paling sedikit satu hari dalam seminggu.</translation>
    </message>
    <message>
        <source>Days of the week are numbered 1 to 7.</source>
        <translation>Hari dalam seminggu bernomor 1 sampai 7.</translation>
    </message>
    <message>
        <source>Choose a day from 1 to 31.</source>
        <translation>Pilih tanggal dari 1 sampai 31.</translation>
    </message>
    <message>
        <source>A message may stay for 1 minute to 7 days.</source>
        <translation>Pesan boleh bertahan 1 menit sampai 7 hari.</translation>
    </message>
    <message>
        <source>{id} is no message id.</source>
        <translation>{id} bukan id pesan.</translation>
    </message>
    <message>
        <source>Redis knows no message {id}.</source>
        <translation>Redis tidak mengenal pesan {id}.</translation>
    </message>
    <message>
        <source>{text} is no time such as 2026-11-24 or 2026-11-24T08:00.</source>
        <translation>{text} bukan waktu seperti 2026-11-24 atau 2026-11-24T08:00.</translation>
    </message>
    <message>
        <source>A silent message opens no popup, so nobody can be reminded of it.</source>
        <translation>Pesan senyap tidak membuka popup, jadi tidak ada yang dapat diingatkan.</translation>
    </message>
    <message>
        <source>This message asks nobody to acknowledge it.</source>
        <translation>Pesan ini tidak meminta konfirmasi siapa pun.</translation>
    </message>
    <message>
        <source>This message has expired, so no PC would show it again.</source>
        <translation>Pesan ini sudah kedaluwarsa, jadi tidak ada PC yang akan menampilkannya lagi.</translation>
    </message>
    <message>
        <source>This message has not been shown yet.</source>
        <translation>Pesan ini belum ditampilkan.</translation>
    </message>
    <message>
        <source>{path} cannot be written: {reason}.</source>
        <translation>{path} tidak dapat ditulis: {reason}.</translation>
    </message>
    <message>
        <source>the name of the service is missing after the hosts</source>
        <translation>nama layanan tidak ada setelah daftar host</translation>
    </message>
    <message>
        <source>None of the Sentinels answers: {address}.</source>
        <translation>Tidak ada Sentinel yang menjawab: {address}.</translation>
    </message>
    <message>
        <source>Redis at {address} is not the master any more.</source>
        <translation>Redis di {address} bukan master lagi.</translation>
    </message>
    <message>
        <source>No Sentinel knows a service called {name}.</source>
        <translation>Tidak ada Sentinel yang mengenal layanan bernama {name}.</translation>
    </message>
    <message>
        <source>Check the setting redis_url.</source>
        <translation>Periksa pengaturan redis_url.</translation>
    </message>
    <message>
        <source>A message can wait {n} hours for its time, and no longer.</source>
        <translation>Pesan dapat menunggu waktunya {n} jam, tidak lebih lama.</translation>
    </message>
    <message>
        <source>A message can stay {n} hours, and no longer.</source>
        <translation>Pesan dapat bertahan {n} jam, tidak lebih lama.</translation>
    </message>
    <message>
        <source>The time to show it is over.</source>
        <translation>Waktu untuk menampilkannya sudah lewat.</translation>
    </message>
    <message>
        <source>It would expire before anybody has seen it.</source>
        <translation>Pesan akan kedaluwarsa sebelum ada yang melihatnya.</translation>
    </message>
    <message>
        <source>Redis does not know any more where this message was sent.</source>
        <translation>Redis tidak tahu lagi ke mana pesan ini dikirim.</translation>
    </message>
    <message>
        <source>This message has expired, so no PC would show it any more.</source>
        <translation>Pesan ini sudah kedaluwarsa, jadi tidak ada PC yang akan menampilkannya lagi.</translation>
    </message>
    <message>
        <source>Redis does not have the text of this message any more.</source>
        <translation>Redis tidak memiliki isi pesan ini lagi.</translation>
    </message>
    <message>
        <source>keys such as Ctrl+Alt+M</source>
        <translation>tombol seperti Ctrl+Alt+M</translation>
    </message>
    <message>
        <source>This message was recalled or replaced, so no PC would show it again.</source>
        <translation>Pesan ini sudah ditarik kembali atau diganti, jadi tidak ada PC yang akan menampilkannya lagi.</translation>
    </message>
    <message>
        <source>a Cluster has only database 0</source>
        <translation>Cluster hanya punya database 0</translation>
    </message>
    <message>
        <source>A part of the Redis Cluster cannot be reached. {reason}</source>
        <translation>Sebagian Redis Cluster tidak dapat dijangkau. {reason}</translation>
    </message>
    <message>
        <source>None of the servers answers: {address}.</source>
        <translation>Tidak ada server yang menjawab: {address}.</translation>
    </message>
    <message>
        <source>Messages go on; tell whoever runs Redis.</source>
        <translation>Pesan tetap berjalan; beri tahu pengelola Redis.</translation>
    </message>
    <message>
        <source>No server has it.</source>
        <translation>Tidak ada server yang memilikinya.</translation>
    </message>
    <message>
        <source>the Cluster is moving this part of its data to another server</source>
        <translation>Cluster sedang memindahkan bagian data ini ke server lain</translation>
    </message>
    <message>
        <source>Redis at {address} is one server of a Redis Cluster.</source>
        <translation>Redis di {address} adalah salah satu server Redis Cluster.</translation>
    </message>
    <message>
        <source>Write redis+cluster:// instead of redis:// in the setting redis_url.</source>
        <translation>Tulis redis+cluster://, bukan redis://, dalam pengaturan redis_url.</translation>
    </message>
    <message>
        <source>The Redis Cluster is down, or a part of it ({address}).</source>
        <translation>Redis Cluster, atau sebagian darinya, tidak berfungsi ({address}).</translation>
    </message>
    <message>
        <source>Redis at {address} is not part of a Redis Cluster.</source>
        <translation>Redis di {address} bukan bagian dari Redis Cluster.</translation>
    </message>
    <message>
        <source>Write redis:// instead of redis+cluster:// in the setting redis_url.</source>
        <translation>Tulis redis://, bukan redis+cluster://, dalam pengaturan redis_url.</translation>
    </message>
    <message>
        <source>No PC has been connected yet.</source>
        <translation>Belum ada PC yang terhubung.</translation>
    </message>
    <message>
        <source>Redis&apos; clock is right.</source>
        <translation>Jam Redis tepat.</translation>
    </message>
    <message>
        <source>An answer has at most {most} characters.</source>
        <translation>Jawaban paling banyak {most} karakter.</translation>
    </message>
    <message>
        <source>Offer at most {most} answers.</source>
        <translation>Sediakan paling banyak {most} jawaban.</translation>
    </message>
    <message>
        <source>Write something on every answer.</source>
        <translation>Isi setiap jawaban.</translation>
    </message>
    <message>
        <source>Two answers are the same.</source>
        <translation>Ada dua jawaban yang sama.</translation>
    </message>
    <message>
        <source>Somebody else has changed this meanwhile, so it was not saved.</source>
        <translation>Sementara itu orang lain telah mengubah ini, jadi tidak disimpan.</translation>
    </message>
    <message>
        <source>Look at it as it is now, and change it again.</source>
        <translation>Lihat keadaannya sekarang, lalu ubah lagi.</translation>
    </message>
    <message>
        <source>Redis at {address} lets nobody in from another computer (protected mode).</source>
        <translation>Redis di {address} tidak menerima siapa pun dari komputer lain (mode terlindung).</translation>
    </message>
    <message>
        <source>Whoever runs Redis has to give it accounts or a password.</source>
        <translation>Pengelola Redis harus memberinya akun atau kata sandi.</translation>
    </message>
    <message>
        <source>Redis at {address} is busy with something long.</source>
        <translation>Redis di {address} sedang sibuk dengan pekerjaan yang lama.</translation>
    </message>
    <message>
        <source>Redis at {address} has no room for another connection.</source>
        <translation>Redis di {address} tidak punya tempat untuk sambungan lain.</translation>
    </message>
    <message>
        <source>Whoever runs Redis has to raise maxclients.</source>
        <translation>Pengelola Redis harus menaikkan maxclients.</translation>
    </message>
    <message>
        <source>All {n} masters of the Cluster answer, and each has a replica.</source>
        <translation>Semua master Cluster ({n}) menjawab, dan masing-masing punya replika.</translation>
    </message>
    <message>
        <source>Masters of the Cluster do not answer: {names}.</source>
        <translation>Master Cluster yang tidak menjawab: {names}.</translation>
    </message>
    <message>
        <source>Masters of the Cluster have no replica: {names}.</source>
        <translation>Master Cluster tanpa replika: {names}.</translation>
    </message>
    <message>
        <source>Somebody has recalled or replaced that message meanwhile.</source>
        <translation>Sementara itu seseorang telah menarik atau mengganti pesan tersebut.</translation>
    </message>
    <message>
        <source>Redis at {address} is cut off from its Cluster.</source>
        <translation>Redis di {address} terputus dari Cluster-nya.</translation>
    </message>
    <message>
        <source>A message can wait {n} hour for its time, and no longer.</source>
        <translation>Pesan dapat menunggu waktunya {n} jam, tidak lebih lama.</translation>
    </message>
    <message>
        <source>A message can stay {n} hour, and no longer.</source>
        <translation>Pesan dapat bertahan {n} jam, tidak lebih lama.</translation>
    </message>
    <message>
        <source>Choose when it is shown for the first time.</source>
        <translation>Pilih kapan pesan ini pertama kali ditampilkan.</translation>
    </message>
    <message>
        <source>{what}: reported by {n} PC ({names}).</source>
        <translation>{what}: dilaporkan oleh {n} PC ({names}).</translation>
    </message>
    <message>
        <source>{what}: reported by {n} PCs ({names}).</source>
        <translation>{what}: dilaporkan oleh {n} PC ({names}).</translation>
    </message>
    <message>
        <source>No PC reports anything wrong.</source>
        <translation>Tidak ada PC yang melaporkan masalah.</translation>
    </message>
    <message>
        <source>Some trusted keys cannot be used</source>
        <translation>Sebagian kunci tepercaya tidak dapat dipakai</translation>
    </message>
    <message>
        <source>require_signatures is neither yes nor no</source>
        <translation>require_signatures bukan ya atau tidak</translation>
    </message>
    <message>
        <source>A policy or settings file cannot be used</source>
        <translation>Berkas kebijakan atau pengaturan tidak dapat dipakai</translation>
    </message>
    <message>
        <source>A setting is wrong</source>
        <translation>Ada pengaturan yang salah</translation>
    </message>
    <message>
        <source>Unknown trouble {code!r}</source>
        <translation>Masalah tidak dikenal {code!r}</translation>
    </message>
    <message>
        <source>Not told at once of answers in its outlet</source>
        <translation>Tidak langsung diberi tahu tentang jawaban di gerainya</translation>
    </message>
    <message>
        <source>{name!r} stands in it twice</source>
        <translation>{name!r} ada dua kali di dalamnya</translation>
    </message>
    <message>
        <source>{path} is no file.</source>
        <translation>{path} bukan berkas.</translation>
    </message>
    <message>
        <source>The server&apos;s clock says {server}, but it should be {believed}.</source>
        <translation>Jam server menunjukkan {server}, padahal seharusnya {believed}.</translation>
    </message>
    <message>
        <source>Ask IT to check the clock of the server.</source>
        <translation>Minta IT memeriksa jam server.</translation>
    </message>
    <message>
        <source>The server&apos;s clock has jumped</source>
        <translation>Jam server melompat</translation>
    </message>
    <message>
        <source>Everything that is stored can be read.</source>
        <translation>Semua yang tersimpan dapat dibaca.</translation>
    </message>
    <message>
        <source>{n} entry of the registry cannot be read.</source>
        <translation>{n} entri registri tidak dapat dibaca.</translation>
    </message>
    <message>
        <source>{n} entries of the registry cannot be read.</source>
        <translation>{n} entri registri tidak dapat dibaca.</translation>
    </message>
    <message>
        <source>{n} entry of the list of outlets cannot be read.</source>
        <translation>{n} entri daftar gerai tidak dapat dibaca.</translation>
    </message>
    <message>
        <source>{n} entries of the list of outlets cannot be read.</source>
        <translation>{n} entri daftar gerai tidak dapat dibaca.</translation>
    </message>
    <message>
        <source>{n} entry of the channel directory cannot be read.</source>
        <translation>{n} entri daftar kanal tidak dapat dibaca.</translation>
    </message>
    <message>
        <source>{n} entries of the channel directory cannot be read.</source>
        <translation>{n} entri daftar kanal tidak dapat dibaca.</translation>
    </message>
    <message>
        <source>{n} template cannot be read.</source>
        <translation>{n} templat tidak dapat dibaca.</translation>
    </message>
    <message>
        <source>{n} templates cannot be read.</source>
        <translation>{n} templat tidak dapat dibaca.</translation>
    </message>
    <message>
        <source>{n} recurring message cannot be read.</source>
        <translation>{n} pesan berulang tidak dapat dibaca.</translation>
    </message>
    <message>
        <source>{n} recurring messages cannot be read.</source>
        <translation>{n} pesan berulang tidak dapat dibaca.</translation>
    </message>
    <message>
        <source>{n} receipt cannot be read.</source>
        <translation>{n} tanda terima tidak dapat dibaca.</translation>
    </message>
    <message>
        <source>{n} receipts cannot be read.</source>
        <translation>{n} tanda terima tidak dapat dibaca.</translation>
    </message>
    <message>
        <source>The registry has more than {most} entries; the others are left out.</source>
        <translation>Registri memiliki lebih dari {most} entri; sisanya tidak ditampilkan.</translation>
    </message>
    <message>
        <source>Redis at {address} uses {used} of {limit} of memory; connections hold {held}.</source>
        <translation>Redis di {address} memakai memori {used} dari {limit}; sambungan memegang {held}.</translation>
    </message>
    <message>
        <source>The account may not see how full Redis&apos; memory is.</source>
        <translation>Akun tidak boleh melihat seberapa penuh memori Redis.</translation>
    </message>
    <message>
        <source>{n} key of it never expires, which is more than Siaran has.</source>
        <translation>{n} kunci di dalamnya tidak pernah kedaluwarsa, lebih banyak dari milik Siaran.</translation>
    </message>
    <message>
        <source>{n} keys of it never expire, which is more than Siaran has.</source>
        <translation>{n} kunci di dalamnya tidak pernah kedaluwarsa, lebih banyak dari milik Siaran.</translation>
    </message>
    <message>
        <source>siaran-console repair, with the account operator, says what fills it.</source>
        <translation>siaran-console repair, dengan akun operator, menunjukkan apa yang mengisinya.</translation>
    </message>
    <message>
        <source>Redis at {address} uses {used} of memory, and has no limit. Set maxmemory.</source>
        <translation>Redis di {address} memakai memori {used} tanpa batas. Atur maxmemory.</translation>
    </message>
    <message>
        <source>These logs end in the future, so nothing is trimmed from them: {names}. siaran-console repair --logs sets them back.</source>
        <translation>Log berikut berakhir di masa depan sehingga tidak dipangkas: {names}. siaran-console repair --logs mengembalikannya.</translation>
    </message>
    <message>
        <source>No log ends in the future.</source>
        <translation>Tidak ada log yang berakhir di masa depan.</translation>
    </message>
    <message>
        <source>{n} PC says that the receipt in its name is not its own.</source>
        <translation>{n} PC menyatakan bahwa tanda terima atas namanya bukan miliknya.</translation>
    </message>
    <message>
        <source>{n} PCs say that the receipts in their names are not their own.</source>
        <translation>{n} PC menyatakan bahwa tanda terima atas namanya bukan miliknya.</translation>
    </message>
    <message>
        <source>{n} PC is not known and does not count.</source>
        <translation>{n} PC tidak dikenal dan tidak dihitung.</translation>
    </message>
    <message>
        <source>{n} PCs are not known and do not count.</source>
        <translation>{n} PC tidak dikenal dan tidak dihitung.</translation>
    </message>
    <message>
        <source>The counters are wrong ({received} received, {displayed} displayed, {acknowledged} acknowledged); this report counts the receipts themselves.</source>
        <translation>Penghitung salah (diterima {received}, ditampilkan {displayed}, dikonfirmasi {acknowledged}); laporan ini menghitung tanda terima itu sendiri.</translation>
    </message>
    <message>
        <source>an expression without repeats within repeats</source>
        <translation>ekspresi tanpa pengulangan di dalam pengulangan</translation>
    </message>
    <message>
        <source>This console signs its messages, and every PC asks for that.</source>
        <translation>Konsol ini menandatangani pesannya, dan setiap PC memintanya.</translation>
    </message>
    <message>
        <source>The server asks for a login, and this console has an account.</source>
        <translation>Server meminta login, dan konsol ini memiliki akun.</translation>
    </message>
    <message>
        <source>The server lets everybody in, without a password. Make accounts: accounts.py.</source>
        <translation>Server menerima siapa saja tanpa kata sandi. Buat akun: accounts.py.</translation>
    </message>
    <message>
        <source>There is one password for everything: PCs can do what this console can. Make accounts: accounts.py.</source>
        <translation>Hanya ada satu kata sandi untuk semuanya: PC dapat melakukan apa yang dapat dilakukan konsol ini. Buat akun: accounts.py.</translation>
    </message>
    <message>
        <source>It could not be found out whether the server lets in who does not log in.</source>
        <translation>Tidak dapat dipastikan apakah server menerima yang tidak login.</translation>
    </message>
    <message>
        <source>This console does not sign its messages (signing_key_file).</source>
        <translation>Konsol ini tidak menandatangani pesannya (signing_key_file).</translation>
    </message>
    <message>
        <source>{n} PC shows messages that nobody has signed: {names}.</source>
        <translation>{n} PC menampilkan pesan yang tidak ditandatangani: {names}.</translation>
    </message>
    <message>
        <source>{n} PCs show messages that nobody has signed: {names}.</source>
        <translation>{n} PC menampilkan pesan yang tidak ditandatangani: {names}.</translation>
    </message>
    <message>
        <source>{n} PC does not say whether it asks for signatures: {names}.</source>
        <translation>{n} PC tidak menyatakan apakah meminta tanda tangan: {names}.</translation>
    </message>
    <message>
        <source>{n} PCs do not say whether they ask for signatures: {names}.</source>
        <translation>{n} PC tidak menyatakan apakah meminta tanda tangan: {names}.</translation>
    </message>
    <message>
        <source>A log has an entry that is too long to be read</source>
        <translation>Sebuah log berisi entri yang terlalu panjang untuk dibaca</translation>
    </message>
    <message>
        <source>Its account may not read some of its channels</source>
        <translation>Akunnya tidak boleh membaca sebagian salurannya</translation>
    </message>
    <message>
        <source>There is no list of outlets in Redis.</source>
        <translation>Tidak ada daftar gerai di Redis.</translation>
    </message>
    <message>
        <source>Redis at {address} hung up without an answer.</source>
        <translation>Redis di {address} memutus sambungan tanpa menjawab.</translation>
    </message>
    <message>
        <source>If that lasts: check host, port and redis:// or rediss:// in redis_url.</source>
        <translation>Jika berlanjut: periksa host, port, dan redis:// atau rediss:// pada redis_url.</translation>
    </message>
    <message>
        <source>Others can read the signing key {path}; run this on it: {command}</source>
        <translation>Kunci tanda tangan {path} dapat dibaca orang lain; jalankan perintah ini untuknya: {command}</translation>
    </message>
    <message>
        <source>{kind} instead of {wanted}</source>
        <translation>{kind}, bukan {wanted}</translation>
    </message>
    <message>
        <source>a number of {n} bytes instead of {due}</source>
        <translation>bilangan {n} bita, bukan {due}</translation>
    </message>
    <message>
        <source>a key instead of a value</source>
        <translation>kunci, bukan nilai</translation>
    </message>
    <message>
        <source>text without half characters</source>
        <translation>teks tanpa karakter yang terpotong</translation>
    </message>
</context>
<context>
    <name>progress</name>
    <message>
        <source>Not received</source>
        <translation>Belum diterima</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Diterima</translation>
    </message>
    <message>
        <source>Shown</source>
        <translation>Ditampilkan</translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>Dikonfirmasi</translation>
    </message>
    <message>
        <source>Expired</source>
        <translation>Kedaluwarsa</translation>
    </message>
    <message>
        <source>Recalled</source>
        <translation>Ditarik kembali</translation>
    </message>
    <message>
        <source>Answered by another PC</source>
        <translation>Dijawab PC lain</translation>
    </message>
    <message>
        <source>Receipt cannot be read</source>
        <translation>Tanda terima tidak terbaca</translation>
    </message>
    <message>
        <source>Contradicted</source>
        <translation>Dibantah</translation>
    </message>
</context>
<context>
    <name>proof</name>
    <message>
        <source>not signed</source>
        <translation>tidak ditandatangani</translation>
    </message>
    <message>
        <source>signature not checked</source>
        <translation>tanda tangan tidak diperiksa</translation>
    </message>
</context>
<context>
    <name>reach</name>
    <message>
        <source>On the screen: {times}.</source>
        <translation>Di layar: {times}.</translation>
    </message>
    <message>
        <source>Nobody has shown it yet.</source>
        <translation>Belum ada yang menampilkannya.</translation>
    </message>
    <message>
        <source>How fast it was shown is not known.</source>
        <translation>Tidak diketahui seberapa cepat pesan ditampilkan.</translation>
    </message>
    <message>
        <source>Shown on {count} of {whole} PCs so far, less than half.</source>
        <translation>Sejauh ini ditampilkan di {count} dari {whole} PC, kurang dari separuh.</translation>
    </message>
    <message>
        <source>all</source>
        <translation>semua</translation>
    </message>
    <message>
        <source>{share} in {time}</source>
        <translation>{share} dalam {time}</translation>
    </message>
    <message>
        <source>half</source>
        <translation>separuh</translation>
    </message>
</context>
<context>
    <name>report</name>
    <message>
        <source>Outlet</source>
        <translation>Gerai</translation>
    </message>
    <message>
        <source>PC</source>
        <translation>PC</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Diterima</translation>
    </message>
    <message>
        <source>Shown</source>
        <translation>Ditampilkan</translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>Dikonfirmasi</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Jawaban</translation>
    </message>
    <message>
        <source>Person</source>
        <translation>Orang</translation>
    </message>
    <message>
        <source>PC last seen</source>
        <translation>PC terakhir terlihat</translation>
    </message>
    <message>
        <source>PCs</source>
        <translation>PC</translation>
    </message>
    <message>
        <source>First answer</source>
        <translation>Jawaban pertama</translation>
    </message>
    <message>
        <source>In the name of this PC: {claim}
The PC itself says: {truth}</source>
        <translation>Atas nama PC ini: {claim}
PC itu sendiri menyatakan: {truth}</translation>
    </message>
    <message>
        <source>acknowledged {when}</source>
        <translation>dikonfirmasi {when}</translation>
    </message>
    <message>
        <source>not acknowledged</source>
        <translation>belum dikonfirmasi</translation>
    </message>
</context>
<context>
    <name>sender</name>
    <message>
        <source>Head office</source>
        <translation>Kantor pusat</translation>
    </message>
</context>
<context>
    <name>sent</name>
    <message>
        <source>{done} of {whole}</source>
        <translation>{done} dari {whole}</translation>
    </message>
</context>
<context>
    <name>settings</name>
    <message>
        <source>Redis address</source>
        <translation>Alamat Redis</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>Nama pengguna</translation>
    </message>
    <message>
        <source>Name of the Redis account, empty for none.</source>
        <translation>Nama akun Redis, kosong jika tidak ada.</translation>
    </message>
    <message>
        <source>Password file</source>
        <translation>Berkas kata sandi</translation>
    </message>
    <message>
        <source>File whose first line is the password of the Redis account.</source>
        <translation>Berkas yang baris pertamanya kata sandi akun Redis.</translation>
    </message>
    <message>
        <source>Certificate authority</source>
        <translation>Otoritas sertifikat</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>Sertifikat</translation>
    </message>
    <message>
        <source>This PC&apos;s certificate (PEM), if Redis asks for one.</source>
        <translation>Sertifikat PC ini (PEM), jika Redis memintanya.</translation>
    </message>
    <message>
        <source>Private key</source>
        <translation>Kunci privat</translation>
    </message>
    <message>
        <source>Private key (PEM) of cert_file.</source>
        <translation>Kunci privat (PEM) untuk cert_file.</translation>
    </message>
    <message>
        <source>Namespace</source>
        <translation>Ruang nama</translation>
    </message>
    <message>
        <source>First part of every name in Redis; the same on every PC.</source>
        <translation>Bagian pertama setiap nama di Redis; sama di semua PC.</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>Channels this PC follows, besides All channels.</source>
        <translation>Kanal yang diikuti PC ini, selain Semua kanal (All channels).</translation>
    </message>
    <message>
        <source>Outlet</source>
        <translation>Gerai</translation>
    </message>
    <message>
        <source>Name of the shop this PC stands in, empty for the host name.</source>
        <translation>Nama gerai tempat PC ini berada, kosong untuk nama host.</translation>
    </message>
    <message>
        <source>Outlet pattern</source>
        <translation>Pola gerai</translation>
    </message>
    <message>
        <source>Regular expression on the host name with groups outlet and pc, for names IT need not type: (?P&lt;outlet&gt;[A-Z]+-[0-9]+)-(?P&lt;pc&gt;.+)</source>
        <translation>Ekspresi reguler atas nama host dengan grup outlet dan pc, agar IT tidak perlu mengetik nama: (?P&lt;outlet&gt;[A-Z]+-[0-9]+)-(?P&lt;pc&gt;.+)</translation>
    </message>
    <message>
        <source>PC name</source>
        <translation>Nama PC</translation>
    </message>
    <message>
        <source>Name of this PC in its shop, empty for the host name.</source>
        <translation>Nama PC ini di gerainya, kosong untuk nama host.</translation>
    </message>
    <message>
        <source>Data folder</source>
        <translation>Folder data</translation>
    </message>
    <message>
        <source>Folder for the program&apos;s data, empty for the usual one.</source>
        <translation>Folder untuk data program, kosong untuk yang biasa.</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Warna</translation>
    </message>
    <message>
        <source>Colours of the windows: system, light or dark.</source>
        <translation>Warna jendela: menurut sistem, terang, atau gelap.</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Bahasa</translation>
    </message>
    <message>
        <source>Language of the windows: system, en (English) or id (Indonesian).</source>
        <translation>Bahasa jendela: menurut sistem, en (Inggris), atau id (Indonesia).</translation>
    </message>
    <message>
        <source>Help contact</source>
        <translation>Kontak bantuan</translation>
    </message>
    <message>
        <source>Whom people ask when something does not work, for example: IT helpdesk, ext. 123.</source>
        <translation>Siapa yang dihubungi jika ada yang tidak berfungsi, misalnya: Helpdesk IT, ekst. 123.</translation>
    </message>
    <message>
        <source>Sender</source>
        <translation>Pengirim</translation>
    </message>
    <message>
        <source>Name shown to outlets as the sender.</source>
        <translation>Nama yang dilihat gerai sebagai pengirim.</translation>
    </message>
    <message>
        <source>Signing key</source>
        <translation>Kunci tanda tangan</translation>
    </message>
    <message>
        <source>File with the key that signs messages, made by siaran-console keygen.</source>
        <translation>Berkas berisi kunci penanda tangan pesan, dibuat dengan siaran-console keygen.</translation>
    </message>
    <message>
        <source>Trusted keys</source>
        <translation>Kunci tepercaya</translation>
    </message>
    <message>
        <source>Require signatures</source>
        <translation>Wajib tanda tangan</translation>
    </message>
    <message>
        <source>Retention</source>
        <translation>Masa simpan</translation>
    </message>
    <message>
        <source>Hours a message is kept for PCs that are off.</source>
        <translation>Berapa jam pesan disimpan untuk PC yang mati.</translation>
    </message>
    <message>
        <source>Heartbeat</source>
        <translation>Detak</translation>
    </message>
    <message>
        <source>Seconds between a tray&apos;s signs of life.</source>
        <translation>Detik antara tanda hidup sebuah tray.</translation>
    </message>
    <message>
        <source>{source}; for IT to change</source>
        <translation>{source}; hanya dapat diubah IT</translation>
    </message>
    <message>
        <source>{source}; a change takes effect at the next start</source>
        <translation>{source}; perubahan berlaku saat dimulai lagi</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Menurut sistem</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Terang</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Gelap</translation>
    </message>
    <message>
        <source>Set by your organisation</source>
        <translation>Diatur oleh organisasi Anda</translation>
    </message>
    <message>
        <source>From the command line</source>
        <translation>Dari baris perintah</translation>
    </message>
    <message>
        <source>From the environment</source>
        <translation>Dari variabel lingkungan</translation>
    </message>
    <message>
        <source>Set by you</source>
        <translation>Diatur oleh Anda</translation>
    </message>
    <message>
        <source>Set for this PC</source>
        <translation>Diatur untuk PC ini</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>Bawaan</translation>
    </message>
    <message>
        <source>Connection to Redis</source>
        <translation>Sambungan ke Redis</translation>
    </message>
    <message>
        <source>This program</source>
        <translation>Program ini</translation>
    </message>
    <message>
        <source>Signing</source>
        <translation>Tanda tangan</translation>
    </message>
    <message>
        <source>Rules for all</source>
        <translation>Aturan untuk semua</translation>
    </message>
    <message>
        <source>Receipts</source>
        <translation>Tanda terima</translation>
    </message>
    <message>
        <source>Days that the receipts of each PC are kept; totals and who did not acknowledge stay.</source>
        <translation>Berapa hari tanda terima setiap PC disimpan; jumlahnya, dan siapa yang belum menjawab, tetap ada.</translation>
    </message>
    <message>
        <source>Time to undo</source>
        <translation>Waktu untuk membatalkan</translation>
    </message>
    <message>
        <source>Seconds that a message can be taken back after Send; 0 for none. Urgent messages and emergencies never wait.</source>
        <translation>Berapa detik pesan masih dapat ditarik setelah Kirim; 0 berarti tidak sama sekali. Pesan mendesak dan darurat tidak pernah menunggu.</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>Nanti</translation>
    </message>
    <message>
        <source>For how many minutes in all a person may put one message off; 0: not at all.</source>
        <translation>Berapa menit seluruhnya seseorang boleh menunda satu pesan; 0: sama sekali tidak.</translation>
    </message>
    <message>
        <source>Do not disturb</source>
        <translation>Jangan ganggu</translation>
    </message>
    <message>
        <source>For how many minutes at once a person may ask not to be disturbed; 0: not at all. Emergencies come all the same.</source>
        <translation>Berapa menit sekaligus seseorang boleh meminta agar tidak diganggu; 0: sama sekali tidak. Pesan darurat tetap muncul.</translation>
    </message>
    <message>
        <source>Messages a minute</source>
        <translation>Pesan per menit</translation>
    </message>
    <message>
        <source>Heard again</source>
        <translation>Terdengar lagi</translation>
    </message>
    <message>
        <source>Seconds after which an urgent message is heard again until somebody answers.</source>
        <translation>Setelah berapa detik pesan mendesak terdengar lagi sampai ada yang menjawab.</translation>
    </message>
    <message>
        <source>Screens</source>
        <translation>Layar</translation>
    </message>
    <message>
        <source>Where messages open: every (emergencies on all screens, others where the mouse pointer is), pointer (only there), or primary (only on the main screen, so that a customer display stays free).</source>
        <translation>Tempat pesan dibuka: every (darurat di semua layar, lainnya di layar dengan penunjuk tetikus), pointer (hanya di sana), atau primary (hanya di layar utama, agar layar pelanggan tetap bebas).</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>Posisi</translation>
    </message>
    <message>
        <source>Where on the screen messages open: centre, top, bottom, top_right or bottom_right.</source>
        <translation>Tempat pesan dibuka di layar: tengah, atas, bawah, kanan atas, atau kanan bawah.</translation>
    </message>
    <message>
        <source>Emergencies fill the screen</source>
        <translation>Darurat memenuhi layar</translation>
    </message>
    <message>
        <source>Whether an emergency covers its whole screen; unset: it does not.</source>
        <translation>Apakah pesan darurat menutupi seluruh layarnya; jika tidak diatur: tidak.</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Suara</translation>
    </message>
    <message>
        <source>Which messages can be heard until somebody answers: off, emergency, or urgent (emergencies too).</source>
        <translation>Pesan mana yang berbunyi sampai ada yang menjawab: off, emergency (darurat), atau urgent (mendesak, juga darurat).</translation>
    </message>
    <message>
        <source>Messages on the screen</source>
        <translation>Pesan di layar</translation>
    </message>
    <message>
        <source>Hotkey</source>
        <translation>Tombol pintas</translation>
    </message>
    <message>
        <source>Keys that give the open message the keyboard, for example Ctrl+Alt+M; empty for none.</source>
        <translation>Tombol yang memberi papan ketik kepada pesan yang terbuka, misalnya Ctrl+Alt+M; kosong berarti tidak ada.</translation>
    </message>
    <message>
        <source>Address of Redis: redis://host:port, or rediss:// for an encrypted link; redis+sentinel://host,host/service behind Sentinel; redis+cluster://host,host for a Cluster.</source>
        <translation>Alamat Redis: redis://host:port, atau rediss:// untuk sambungan terenkripsi; redis+sentinel://host,host/layanan di belakang Sentinel; redis+cluster://host,host untuk Cluster.</translation>
    </message>
    <message>
        <source>How many messages of one level, sent within a minute, open one by one; the others are folded into one. This never folds emergencies, messages that take the place of another, and important or urgent ones that were missed while the PC was off or not connected.</source>
        <translation>Berapa pesan satu tingkat, yang dikirim dalam satu menit, terbuka satu per satu; yang lain dilipat menjadi satu. Yang tidak pernah dilipat karena ini: pesan darurat, pesan yang menggantikan pesan lain, serta pesan penting atau mendesak yang terlewat saat PC mati atau tidak terhubung.</translation>
    </message>
    <message>
        <source>Answers from other PCs</source>
        <translation>Jawaban dari PC lain</translation>
    </message>
    <message>
        <source>Whether an answer that Redis reports, of another PC of the outlet or in this PC&apos;s name, closes a message here; unset: yes. Whoever knows the outlets&apos; password can forge one. Urgent messages and emergencies are never closed so.</source>
        <translation>Apakah jawaban yang dilaporkan Redis, dari PC lain di gerai atau atas nama PC ini, menutup pesan di sini; jika tidak diatur: ya. Siapa pun yang tahu kata sandi gerai dapat memalsukannya. Pesan mendesak dan darurat tidak pernah ditutup dengan cara ini.</translation>
    </message>
    <message>
        <source>Public keys whose messages are shown, by key id. One that cannot be used is left out, and signatures are then required.</source>
        <translation>Kunci publik yang pesannya ditampilkan, menurut id kunci. Kunci yang tidak dapat dipakai dilewati, dan sejak itu tanda tangan wajib.</translation>
    </message>
    <message>
        <source>Show only signed messages; unset: as soon as a key is trusted. What is neither yes nor no counts as yes.</source>
        <translation>Tampilkan hanya pesan bertanda tangan; jika tidak diatur: segera setelah ada kunci tepercaya. Nilai yang bukan ya atau tidak dianggap ya.</translation>
    </message>
    <message>
        <source>Certificates (PEM) of whoever signs Redis&apos; certificate; then only these are trusted.</source>
        <translation>Sertifikat (PEM) dari pihak yang menandatangani sertifikat Redis; jika diisi, hanya itu yang dipercaya.</translation>
    </message>
</context>
<context>
    <name>spans</name>
    <message>
        <source>{n} s</source>
        <translation>{n} dtk</translation>
    </message>
    <message>
        <source>{n} min</source>
        <translation>{n} mnt</translation>
    </message>
    <message>
        <source>{n} h</source>
        <translation>{n} jam</translation>
    </message>
    <message>
        <source>{n} days</source>
        <translation>{n} hari</translation>
    </message>
</context>
<context>
    <name>stages</name>
    <message>
        <source>Received</source>
        <translation>Diterima</translation>
    </message>
    <message>
        <source>Shown</source>
        <translation>Ditampilkan</translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>Dikonfirmasi</translation>
    </message>
</context>
<context>
    <name>standings</name>
    <message>
        <source>Connected</source>
        <translation>Terhubung</translation>
    </message>
    <message>
        <source>Partly connected</source>
        <translation>Sebagian terhubung</translation>
    </message>
    <message>
        <source>Switched off</source>
        <translation>Dimatikan</translation>
    </message>
    <message>
        <source>Silent</source>
        <translation>Tidak menjawab</translation>
    </message>
    <message>
        <source>Never seen</source>
        <translation>Belum pernah terlihat</translation>
    </message>
</context>
<context>
    <name>state</name>
    <message>
        <source>Not up to date since {time}: {reason}</source>
        <translation>Tidak diperbarui sejak {time}: {reason}</translation>
    </message>
</context>
<context>
    <name>states</name>
    <message>
        <source>New</source>
        <translation>Baru</translation>
    </message>
    <message>
        <source>Not acknowledged</source>
        <translation>Belum dikonfirmasi</translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>Dikonfirmasi</translation>
    </message>
    <message>
        <source>Expired</source>
        <translation>Kedaluwarsa</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>Dibaca</translation>
    </message>
    <message>
        <source>Recalled</source>
        <translation>Ditarik kembali</translation>
    </message>
    <message>
        <source>Answered elsewhere</source>
        <translation>Dijawab di tempat lain</translation>
    </message>
</context>
<context>
    <name>support</name>
    <message>
        <source>Ask: {contact}</source>
        <translation>Hubungi: {contact}</translation>
    </message>
    <message>
        <source>Ask your IT department.</source>
        <translation>Hubungi bagian IT Anda.</translation>
    </message>
</context>
</TS>
