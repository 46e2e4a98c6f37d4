<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
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
    <name>Presenter</name>
    <message numerus="yes">
        <source>You missed %Ln message(s)</source>
        <translation>
            <numerusform>You missed %Ln message</numerusform>
            <numerusform>You missed %Ln messages</numerusform>
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
</context>
</TS>
