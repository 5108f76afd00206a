//! The words for columns: every heading this reader knows, in the form [`super::words::squeeze`]
//! gives it. What only says whose field it is, how to write it or that it is required is taken off by
//! rule and does not stand here.

use super::Field;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Meaning {
    /// One field.
    Field(Field),
    /// Forename and surname in one cell.
    FullName,
    /// The day of the date of birth, in a column of its own.
    DobDay,
    /// The month of it.
    DobMonth,
    /// The year of it.
    DobYear,
}

/// How surely a heading means it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    /// It says so.
    Sure,
    /// It will do where no column says so: a first session is the start when there is no start date.
    Likely,
}

/// Every known heading, the words of one meaning with spaces between. (A case reference, `CRN`, and
/// a Criminal Records Office number are no PNC ids, a referral is no start: they are left out.)
pub(super) const KNOWN: &[(Meaning, Rank, &str)] = &[
    (
        Meaning::Field(Field::Forename),
        Rank::Sure,
        "forename forenames firstname firstnames first givenname givennames christianname fname \
         firstnm fornames forname givennm firstgivenname legalfirstname legalforename \
         officialforename christiannames firstforename forename1 firstname1 nameforename \
         nameforenames firstnameonly forenameonly firstnameforename forenamefirstname",
    ),
    (
        Meaning::Field(Field::Surname),
        Rank::Sure,
        "surname surnames lastname last familyname sname lname lastnm surename sirname suname \
         familynames legalsurname legallastname officialsurname secondnamesurname \
         surnamefamilyname familynamesurname surnamelastname lastnamesurname currentsurname \
         namesurname surnameonly",
    ),
    (
        Meaning::Field(Field::Dob),
        Rank::Sure,
        "dob dateofbirth birthdate birthday born dateborn datebirth bdate dobirth birthdt \
         birthdte dtofbirth dtbirth dateob datedob dobdate dateofbirthdob dobdateofbirth \
         datofbirth datebirthdob dateofborn bornon",
    ),
    (
        Meaning::Field(Field::Sex),
        Rank::Sure,
        "sex gender sexgender gendersex legalsex sexatbirth sexassignedatbirth genderatbirth \
         sexorgender genderorsex mf sexmf gendermf biologicalsex sexregistered registeredsex \
         sexcode gendercode genderdesc sexdesc",
    ),
    (
        Meaning::Field(Field::Ethnicity),
        Rank::Sure,
        "ethnicity ethnic ethnicgroup ethnicgroups ethnicorigin originethnic ethnicities \
         ethnicbackground ethnicitycode ethniccode ethnicgroupcode ethnicitygroup ethnicitydesc \
         ethnicitydescription selfdefinedethnicity selfdefinedethnicgroup ethnicityselfdefined \
         selfidentifiedethnicity ethnicityselfidentified ethnicitybroad broadethnicgroup \
         ethnicitydetailed ethnicorethnicity ethnicityorigin race raceethnicity ethnicityrace \
         ethnicgroupethnicity ethnicityethnicgroup ethnicity18 ethnicity16",
    ),
    (
        Meaning::Field(Field::Completed),
        Rank::Sure,
        "completedyesno completedyn completedyorn programmecompletedyesno completedprogrammeyesno \
         completedprogrammeyn finishedyesno finishedyn didtheycomplete didtheyfinish \
         hascompleted completer",
    ),
    (
        Meaning::Field(Field::Site),
        Rank::Sure,
        "site sites sitename programmesite deliverysite projectsite siteofdelivery centrename",
    ),
    (
        Meaning::Field(Field::Postcode),
        Rank::Sure,
        "postcode postalcode zip zipcode pcode homepostcode addresspostcode lastpostcode \
         lastknownpostcode postcde pstcode postcd pcd homepcode homepcd addresspcode \
         homeaddresspostcode currentpostcode currenthomepostcode residentialpostcode \
         postcodeofresidence postcodeofhome postcodehome postcodeonrelease releasepostcode \
         usualpostcode permanentpostcode fullpostcode postcodefull postalpcode \
         addresspostalcode contactpostcode postcodecurrent",
    ),
    (
        Meaning::Field(Field::PncId),
        Rank::Sure,
        "pnc pncid pncno pncnum pncnumber pncidnumber pncref policenationalcomputerid \
         policenationalcomputernumber policenationalcomputeridpncid policenationalcomputer \
         pncidno pncidnum pncnbr pncident pncidentifier pncidentity pncreference pncrefno \
         pncreferencenumber pncurn pncuid nationalpncid policenationalcomputerno \
         policenationalcomputeridno policenationalcomputerref policenationalcomputeridentifier \
         policepnc policepncid policepncnumber",
    ),
    (
        Meaning::Field(Field::PrisonNumber),
        Rank::Sure,
        "prisonnumber prisonno prisonid prisonernumber prisonerno prisonerid nomisnumber \
         nomisno nomisid nomis pnomis pnomisnumber nomsnumber nomsno nomsid noms hmpnumber \
         prisonnum prisonnumb prisonref prisonrefno prisonernum prisonerref nomsnum nomsref \
         nomsidno nomsidnumber nomsidentifier nomisnum nomisref nomisidno nomisidnumber \
         nomisidentifier pnomisid pnomisno prisonnomis prisonnomisnumber nomisprisonnumber \
         prisonnumbernomis prisonnonomis nomisprisonno hmpno hmpid hmpsnumber custodynumber \
         nomsnomisnumber digitalprisonid prisonofficeid",
    ),
    (
        Meaning::Field(Field::Start),
        Rank::Sure,
        "start started startdate dateofstart datestarted startingdate programmestart \
         programmestartdate programmestarted startofprogramme dateofprogrammestart programstart \
         programstartdate startofprogram interventionstart interventionstartdate \
         startofintervention interventiondate supportstart supportstartdate startofsupport \
         coursestart coursestartdate startofcourse servicestart servicestartdate \
         engagementstart engagementstartdate joined datejoined startdateofprogramme \
         startdateofintervention startdateofsupport startdt startdte commenced datecommenced \
         commencement commencementdate commencedate datecommencedprogramme datestartedprogramme \
         dateprogrammestarted dateprogrammecommenced programmecommenced programmecommencement \
         programmecommencementdate programmebegan began datebegan begindate beginningdate \
         datebegun projectstart projectstartdate startofproject datestartedproject \
         startedprogramme startedon startdateofcourse startofservice datestartedservice \
         trainingstart trainingstartdate treatmentstart treatmentstartdate treatmentstarted \
         startoftreatment mentoringstart mentoringstartdate casestart casestartdate \
         placementstart placementstartdate provisionstart provisionstartdate actualstart \
         actualstartdate startdateactual learningstartdate attendancestart \
         interventioncommenced datestartedintervention dateinterventionstarted \
         datestartedsupport datesupportstarted supportstarted coursestarted",
    ),
    (
        Meaning::Field(Field::End),
        Rank::Sure,
        "end ended enddate dateofend dateended programmeend programmeenddate programmeended \
         endofprogramme dateofprogrammeend programend programenddate endofprogram \
         interventionend interventionenddate endofintervention supportend supportenddate \
         endofsupport courseend courseenddate endofcourse serviceend serviceenddate \
         engagementend engagementenddate left dateleft completed completiondate datecompleted \
         enddateofprogramme enddateofintervention enddateofsupport enddt enddte finished \
         datefinished finishdate finish programmecompleted programmecompletiondate \
         programmecompletion dateprogrammeended dateprogrammecompleted endeddate projectend \
         projectenddate endofproject trainingend trainingenddate treatmentend treatmentenddate \
         treatmentended endoftreatment mentoringend mentoringenddate caseend caseenddate \
         placementend placementenddate provisionend provisionenddate actualend actualenddate \
         enddateactual learningenddate interventionended dateinterventionended supportended \
         datesupportended courseended endofservice dateofcompletion completedon",
    ),
    (
        Meaning::FullName,
        Rank::Sure,
        "fullname fullnames name names namefull completename nameinfull fullnameofparticipant \
         surnameforename surnameandforename forenamesurname forenameandsurname firstnamesurname \
         firstandlastname firstnameandlastname firstlastname lastnamefirstname forenamessurname \
         forenamesandsurname surnameforenames surnamefirstname",
    ),
    (
        Meaning::DobDay,
        Rank::Sure,
        "dobday dayofdob birthdayofmonth dayofbirthday dobdd dobd dayborn dayofbirth",
    ),
    (
        Meaning::DobMonth,
        Rank::Sure,
        "dobmonth monthofdob birthmonth monthofbirth dobmm dobm monthborn",
    ),
    (
        Meaning::DobYear,
        Rank::Sure,
        "dobyear yearofdob birthyear yearofbirth dobyyyy dobyy doby yearborn yob",
    ),
    (
        Meaning::Field(Field::Forename),
        Rank::Likely,
        "knownas preferredname preferredforename preferredfirstname knownasname nickname \
         calledby",
    ),
    (
        Meaning::Field(Field::Surname),
        Rank::Likely,
        "secondname namesecond",
    ),
    (
        Meaning::Field(Field::Postcode),
        Rank::Likely,
        "postcodeatreferral postcodeatstart postcodebeforecustody postcodeonreferral \
         previouspostcode",
    ),
    (
        Meaning::Field(Field::Start),
        Rank::Likely,
        "referralaccepted referralaccepteddate datereferralaccepted acceptedreferral \
         acceptancedate dateaccepted 1stsession firstsession firstsessiondate 1stsessiondate \
         dateoffirstsession dateof1stsession firstcontact firstcontactdate dateoffirstcontact \
         firstattended firstattendance firstattendancedate dateoffirstattendance \
         firstappointment firstappointmentdate 1stappointment dateoffirstappointment \
         firstmeeting firstmeetingdate dateoffirstmeeting 1stmeeting firstday inductiondate \
         dateofinduction induction enrolled enrolment enrolmentdate enrollmentdate dateenrolled \
         dateofenrolment registered registrationdate dateregistered dateofregistration signup \
         signupdate datesignedup admissiondate dateofadmission admitted engagedfrom dateengaged \
         assessmentdate initialassessmentdate onboarded dateopened caseopened opendate",
    ),
    (
        Meaning::Field(Field::End),
        Rank::Likely,
        "lastsession lastsessiondate dateoflastsession lastcontact lastcontactdate lastattended \
         dateoflastcontact exit exitdate dateofexit exited closed closuredate caseclosed \
         caseclosedate dateclosed closedate dischargedate dateofdischarge discharged \
         withdrawaldate",
    ),
];

/// Words a heading may be repeated with in messages. Anything else could be somebody's name in a
/// file without headings, and is called by its position only.
pub(super) const HARMLESS: &str = "\
    address age alias aliases area as attended birth borough by case city client code cohort \
    comment comments completed contact county course crn cro date day disability dob email end \
    ethnic ethnicity first forename group hours id initial initials insurance is key known \
    last line maiden mentor middle mobile month name names national nationality nhs ni no \
    nomis noms notes number of offence outcome phone previous prison programme project reason \
    ref reference referral region service site staff start status surname telephone title town \
    type uln urn worker year";
