"""Names that Windows' rules for installers go by, from Microsoft's pages on the Windows Installer.

Of learn.microsoft.com/windows/win32/msi: *Property Reference*, *Standard Actions Reference*,
*Suggested InstallExecuteSequence* and its sisters, *ICE27*, *ICE38*, *ICE84*, *ICE87*, *ICE91*.
"""

from __future__ import annotations


def words(text: str) -> list[str]:
    """The names in *text*."""
    return text.split()


PER_USER_FOLDERS = frozenset(
    words(
        """AppDataFolder FavoritesFolder LocalAppDataFolder MyPicturesFolder NetHoodFolder
        PersonalFolder PrintHoodFolder RecentFolder SendToFolder"""
    )
)
"""Below one user's profile, whatever ALLUSERS says."""
PROFILE_FOLDERS = PER_USER_FOLDERS | frozenset(
    words(
        """AdminToolsFolder DesktopFolder ProgramMenuFolder StartMenuFolder StartupFolder
        TemplateFolder"""
    )
)
"""Below a profile: one user's, or with ALLUSERS that of all."""
FOLDERS = PROFILE_FOLDERS | frozenset(
    words(
        """CommonAppDataFolder CommonFiles64Folder CommonFilesFolder FontsFolder
        ProgramFiles64Folder ProgramFilesFolder System16Folder System64Folder SystemFolder
        TempFolder WindowsFolder WindowsVolume"""
    )
)
SYSTEM_FOLDERS = frozenset({"SystemFolder", "System64Folder", "System16Folder"})
FOLDERS_32_BIT = frozenset({"ProgramFilesFolder", "CommonFilesFolder", "SystemFolder"})
FOLDERS_64_BIT = frozenset({"ProgramFiles64Folder", "CommonFiles64Folder", "System64Folder"})

PROPERTIES = frozenset(
    words(
        """ACTION ADDDEFAULT ADDLOCAL ADDSOURCE ADVERTISE AFTERREBOOT ALLUSERS
        ARPAUTHORIZEDCDFPREFIX ARPCOMMENTS ARPCONTACT ARPHELPLINK ARPHELPTELEPHONE
        ARPINSTALLLOCATION ARPNOMODIFY ARPNOREMOVE ARPNOREPAIR ARPPRODUCTICON ARPREADME ARPSIZE
        ARPSYSTEMCOMPONENT ARPURLINFOABOUT ARPURLUPDATEINFO AVAILABLEFREEREG AdminProperties
        AdminUser Alpha BorderSide BorderTop CCP_DRIVE COMPADDDEFAULT COMPADDLOCAL COMPADDSOURCE
        COMPANYNAME CaptionHeight ColorBits ComputerName CostingComplete CustomActionData
        DISABLEADVTSHORTCUTS DISABLEMEDIA DISABLEROLLBACK Date DefaultUIFont DiskPrompt
        EXECUTEACTION EXECUTEMODE FASTOEM FILEADDDEFAULT FILEADDLOCAL FILEADDSOURCE INSTALLLEVEL
        Installed Intel Intel64 IsAdminPackage LIMITUI LOGACTION LeftUnit LogonUser
        MEDIAPACKAGEPATH MSIARPSETTINGSIDENTIFIER MSICHECKCRCS MSIDISABLEEEUI
        MSIDISABLELUAPATCHING MSIDISABLERMRESTART MSIENFORCEUPGRADECOMPONENTRULES MSIFASTINSTALL
        MSIINSTALLPERUSER MSIINSTANCEGUID MSINEWINSTANCE MSINODISABLEMEDIA MSIPATCHREMOVE
        MSIRESTARTMANAGERCONTROL MSIRMSHUTDOWN MSIUNINSTALLSUPERSEDEDCOMPONENTS
        MSIUSEREALADMINDETECTION Manufacturer MediaSourceDir MsiHiddenProperties
        MsiLogFileLocation MsiLogging MsiNTProductType MsiNTSuiteBackOffice MsiNTSuiteDataCenter
        MsiNTSuiteEnterprise MsiNTSuitePersonal MsiNTSuiteSmallBusiness
        MsiNTSuiteSmallBusinessRestricted MsiNTSuiteWebServer MsiNetAssemblySupport
        MsiPatchRemovalList MsiRestartManagerSessionKey MsiRunningElevated
        MsiSystemRebootPending MsiTabletPC MsiUIHideCancel MsiUIProgressOnly MsiUISourceResOnly
        MsiWin32AssemblySupport Msix64 NOCOMPANYNAME NOUSERNAME OLEAdvtSupport OriginalDatabase
        OutOfDiskSpace OutOfNoRbDiskSpace PATCH PATCHNEWPACKAGECODE PATCHNEWSUMMARYCOMMENTS
        PATCHNEWSUMMARYSUBJECT PIDKEY PIDTemplate PRIMARYFOLDER PROMPTROLLBACKCOST
        ParentOriginalDatabase ParentProductCode PhysicalMemory Preselected PrimaryVolumePath
        PrimaryVolumeSpaceAvailable PrimaryVolumeSpaceRemaining PrimaryVolumeSpaceRequired
        Privileged ProductCode ProductID ProductLanguage ProductName ProductState ProductVersion
        REBOOT REBOOTPROMPT REINSTALL REINSTALLMODE REMOVE RESUME ROOTDRIVE RedirectedDllSupport
        RemoteAdminTS ReplacedInUseFiles RollbackDisabled SEQUENCE SHORTFILENAMES ScreenX
        ScreenY SecureCustomProperties ServicePackLevel ServicePackLevelMinor SharedWindows
        ShellAdvtSupport SourceDir SystemLanguageID TARGETDIR TRANSFORMS TRANSFORMSATSOURCE
        TRANSFORMSSECURE TTCSupport TerminalServer TextHeight Time UILevel UPGRADINGPRODUCTCODE
        USERNAME UpdateStarted UpgradeCode UserLanguageID UserSID Version9X VersionDatabase
        VersionMsi VersionNT VersionNT64 VirtualMemory WindowsBuild"""
    )
)
"""The installer's own properties, but for its folders."""
REQUIRED_PROPERTIES = (
    *("Manufacturer", "ProductCode", "ProductLanguage", "ProductName", "ProductVersion"),
)
COMMAND_LINE_PROPERTIES = frozenset(
    words(
        """ADDDEFAULT ADDLOCAL ADDSOURCE ADVERTISE COMPADDLOCAL COMPADDSOURCE FILEADDDEFAULT
        FILEADDLOCAL FILEADDSOURCE REINSTALL REMOVE"""
    )
)

ORDER = tuple(
    words(
        """ValidateProductID CostInitialize FileCost CostFinalize SetODBCFolders
        MigrateFeatureStates InstallValidate InstallInitialize AllocateRegistrySpace
        ProcessComponents UnpublishComponents UnpublishFeatures StopServices DeleteServices
        UnregisterComPlus SelfUnregModules UnregisterTypeLibraries RemoveODBC UnregisterFonts
        RemoveRegistryValues UnregisterClassInfo UnregisterExtensionInfo UnregisterProgIdInfo
        UnregisterMIMEInfo RemoveIniValues RemoveShortcuts RemoveEnvironmentStrings
        RemoveDuplicateFiles RemoveFiles RemoveFolders CreateFolders MoveFiles
        InstallAdminPackage InstallFiles PatchFiles DuplicateFiles BindImage CreateShortcuts
        RegisterClassInfo RegisterExtensionInfo RegisterProgIdInfo RegisterMIMEInfo
        WriteRegistryValues WriteIniValues WriteEnvironmentStrings RegisterFonts InstallODBC
        RegisterTypeLibraries SelfRegModules RegisterComPlus InstallServices StartServices
        RegisterUser RegisterProduct PublishComponents PublishFeatures PublishProduct
        InstallFinalize"""
    )
)
"""In the order of Microsoft's suggested sequences."""
SEARCHES = ("FindRelatedProducts", "AppSearch", "CCPSearch", "RMCCPSearch", "LaunchConditions")
STANDARD_ACTIONS = frozenset(
    {*ORDER, *SEARCHES}
    | set(
        words(
            """ADMIN ADVERTISE DisableRollback ExecuteAction ForceReboot INSTALL InstallExecute
        InstallExecuteAgain InstallSFPCatalogFile IsolateComponents MsiConfigureServices
        MsiPublishAssemblies MsiUnpublishAssemblies RemoveExistingProducts ResolveSource
        ScheduleReboot SEQUENCE"""
        )
    )
)
EXECUTES = frozenset(ORDER[ORDER.index("InstallInitialize") : -1])
"""Between InstallInitialize and InstallFinalize."""

COSTING = ("CostInitialize", "FileCost", "CostFinalize")
PUBLISHING = ("RegisterProduct", "RegisterUser", "PublishProduct", "PublishFeatures")
REQUIRED_ACTIONS = {
    "InstallExecuteSequence": {
        *(*COSTING, "InstallValidate", "InstallInitialize", "ProcessComponents"),
        *("UnpublishFeatures", *PUBLISHING, "InstallFinalize"),
    },
    "InstallUISequence": {*COSTING, "ExecuteAction"},
    "AdminExecuteSequence": {
        *(*COSTING, "InstallValidate", "InstallInitialize", "InstallAdminPackage"),
        *("InstallFiles", "InstallFinalize"),
    },
    "AdminUISequence": {*COSTING, "ExecuteAction"},
    "AdvtExecuteSequence": {
        *("CostInitialize", "CostFinalize", "InstallValidate", "InstallInitialize"),
        *("PublishFeatures", "PublishProduct", "InstallFinalize"),
    },
}
ONLY_HERE = {
    "ExecuteAction": {"InstallUISequence", "AdminUISequence"},
    "InstallAdminPackage": {"AdminExecuteSequence"},
}
UNCONDITIONAL = frozenset(
    {*COSTING, "InstallValidate", "InstallInitialize", "InstallFinalize", "ProcessComponents"}
    | {"PublishFeatures", "PublishProduct", "RegisterProduct", "UnpublishFeatures"}
)
