<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
<context>
    <name>Answers</name>
    <message numerus="yes">
        <source>In %n hour(s)</source>
        <translation>
            <numerusform>In %n hour</numerusform>
            <numerusform>In %n hours</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ChannelsController</name>
    <message numerus="yes">
        <source>%Ln PC(s) still follow it.</source>
        <translation>
            <numerusform>%Ln PC still follows it.</numerusform>
            <numerusform>%Ln PCs still follow it.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ComposeForm</name>
    <message numerus="yes">
        <source>%Ln PC(s)</source>
        <translation>
            <numerusform>%Ln PC</numerusform>
            <numerusform>%Ln PCs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln not connected</source>
        <translation>
            <numerusform>%Ln not connected</numerusform>
            <numerusform>%Ln not connected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Controller</name>
    <message numerus="yes">
        <source>%Ln PC(s) are connected now.</source>
        <translation>
            <numerusform>%Ln PC is connected now.</numerusform>
            <numerusform>%Ln PCs are connected now.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OutletsController</name>
    <message numerus="yes">
        <source>%Ln outlet(s) are expected now.</source>
        <translation>
            <numerusform>%Ln outlet is expected now.</numerusform>
            <numerusform>%Ln outlets are expected now.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{file} has %Ln outlet(s).</source>
        <translation>
            <numerusform>{file} has %Ln outlet.</numerusform>
            <numerusform>{file} has %Ln outlets.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of them are new.</source>
        <translation>
            <numerusform>%Ln of them is new.</numerusform>
            <numerusform>%Ln of them are new.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln of the present list are not in it.</source>
        <translation>
            <numerusform>%Ln of the present list is not in it.</numerusform>
            <numerusform>%Ln of the present list are not in it.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln line(s) cannot be used.</source>
        <translation>
            <numerusform>%Ln line cannot be used.</numerusform>
            <numerusform>%Ln lines cannot be used.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{names} and %Ln more</source>
        <translation>
            <numerusform>{names} and %Ln more</numerusform>
            <numerusform>{names} and %Ln more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln PC(s) removed.</source>
        <translation>
            <numerusform>%Ln PC removed.</numerusform>
            <numerusform>%Ln PCs removed.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OutletsPage</name>
    <message numerus="yes">
        <source>%Ln PC(s)</source>
        <translation>
            <numerusform>%Ln PC</numerusform>
            <numerusform>%Ln PCs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Remove %n PC(s) …</source>
        <translation>
            <numerusform>Remove %n PC …</numerusform>
            <numerusform>Remove %n PCs …</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Presenter</name>
    <message numerus="yes">
        <source>You missed %Ln message(s)</source>
        <translation>
            <numerusform>You missed %Ln message</numerusform>
            <numerusform>You missed %Ln messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more message(s)</source>
        <translation>
            <numerusform>%Ln more message</numerusform>
            <numerusform>%Ln more messages</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ReportController</name>
    <message numerus="yes">
        <source>Show it again on the %Ln PC(s) where nobody has acknowledged it?</source>
        <translation>
            <numerusform>Show it again on the %Ln PC where nobody has acknowledged it?</numerusform>
            <numerusform>Show it again on the %Ln PCs where nobody has acknowledged it?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Show it again in the %Ln outlet(s) where nobody has acknowledged it?</source>
        <translation>
            <numerusform>Show it again in the %Ln outlet where nobody has acknowledged it?</numerusform>
            <numerusform>Show it again in the %Ln outlets where nobody has acknowledged it?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ReportPane</name>
    <message numerus="yes">
        <source>Expired unanswered on %Ln PC(s).</source>
        <translation>
            <numerusform>Expired unanswered on %Ln PC.</numerusform>
            <numerusform>Expired unanswered on %Ln PCs.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Recalled on %Ln PC(s): on {seen} it was on the screen already.</source>
        <translation>
            <numerusform>Recalled on %Ln PC: on {seen} it was on the screen already.</numerusform>
            <numerusform>Recalled on %Ln PCs: on {seen} it was on the screen already.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Recalled on %Ln PC(s), where nobody had seen it.</source>
        <translation>
            <numerusform>Recalled on %Ln PC, where nobody had seen it.</numerusform>
            <numerusform>Recalled on %Ln PCs, where nobody had seen it.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ScheduledController</name>
    <message numerus="yes">
        <source>Cancel %Ln message(s)? No PC will show them.</source>
        <translation>
            <numerusform>Cancel %Ln message? No PC will show it.</numerusform>
            <numerusform>Cancel %Ln messages? No PC will show them.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>End %Ln recurring message(s)? What was sent ahead is recalled.</source>
        <translation>
            <numerusform>End %Ln recurring message? What was sent ahead is recalled.</numerusform>
            <numerusform>End %Ln recurring messages? What was sent ahead is recalled.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message numerus="yes">
        <source>%Ln waiting</source>
        <translation>
            <numerusform>%Ln waiting</numerusform>
            <numerusform>%Ln waiting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln minute(s)</source>
        <translation>
            <numerusform>%Ln minute</numerusform>
            <numerusform>%Ln minutes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>outlets</name>
    <message numerus="yes">
        <source>%Ln message(s) refused</source>
        <translation>
            <numerusform>%Ln message refused</numerusform>
            <numerusform>%Ln messages refused</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{reached} of %Ln outlet(s) can be reached now.</source>
        <translation>
            <numerusform>{reached} of %Ln outlet can be reached now.</numerusform>
            <numerusform>{reached} of %Ln outlets can be reached now.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %Ln outlet(s) can be reached.</source>
        <translation>
            <numerusform>All %Ln outlet can be reached.</numerusform>
            <numerusform>All %Ln outlets can be reached.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>paper</name>
    <message numerus="yes">
        <source>Not acknowledged: %Ln PC(s)</source>
        <translation>
            <numerusform>Not acknowledged: %Ln PC</numerusform>
            <numerusform>Not acknowledged: %Ln PCs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Not acknowledged: %Ln outlet(s)</source>
        <translation>
            <numerusform>Not acknowledged: %Ln outlet</numerusform>
            <numerusform>Not acknowledged: %Ln outlets</numerusform>
        </translation>
    </message>
</context>
</TS>
