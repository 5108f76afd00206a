//! Names of invented people, as mixed as Britain's, with the frequencies that make names hard:
//! a few that very many share, a long tail that hardly anybody does.

use super::random::choose;
use rand::{Rng, RngExt};

/// Family background, which shapes the name, the recorded ethnic group and the nationality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heritage {
    /// English and Scottish names.
    British,
    /// Welsh names.
    Welsh,
    /// Irish names.
    Irish,
    /// Names from the rest of Europe.
    European,
    /// Names from Pakistan, Bangladesh and the Arab world.
    Muslim,
    /// Names from India.
    Indian,
    /// Names from West and East Africa.
    African,
    /// British names, Caribbean families.
    Caribbean,
    /// Names from China and Vietnam.
    Chinese,
}

/// Every background with its share of the register.
pub const HERITAGES: [(Heritage, f64); 9] = [
    (Heritage::British, 68.0),
    (Heritage::Welsh, 4.0),
    (Heritage::Irish, 3.0),
    (Heritage::European, 5.0),
    (Heritage::Muslim, 6.5),
    (Heritage::Indian, 2.5),
    (Heritage::African, 4.0),
    (Heritage::Caribbean, 6.0),
    (Heritage::Chinese, 1.0),
];

/// Lists run from the most to the least common; the weight falls off as 1 / (rank + 4).
const BRITISH_MEN: &str = "David James Michael Daniel Christopher Paul Andrew Thomas Mark John Matthew Robert Lee Ryan Stephen Jack Adam Joshua Liam Richard Ben Luke Craig Jordan Anthony Jamie Kevin Gary Simon Nathan Ashley Scott Lewis Connor Martin Peter Stuart Darren Jason Kyle Dean Carl Aaron Samuel Alexander Callum Wayne Bradley Harry William George Shane Steven Sean Ian Alan Kieran Jake Reece Oliver Charlie Neil Graham Philip Nicholas Jonathan Tony Leon Karl Tyler Dominic Barry Ross Terry Damian Zachary Edward Toby Elliott Russell Duncan Hamish Gavin Gareth Marcus Stefan Rory Nigel Clive Vincent Leonard Arthur Alfie Mason Louis Kai Corey Curtis Brandon Sebastian André Noël Théo";
const BRITISH_WOMEN: &str = "Sarah Emma Laura Rebecca Gemma Kelly Lisa Claire Nicola Samantha Jessica Hannah Amy Victoria Natalie Stacey Danielle Rachel Charlotte Michelle Donna Leanne Chloe Lauren Katie Joanne Sophie Kirsty Emily Tracey Lucy Kerry Zoe Hayley Louise Jade Amanda Julie Kimberley Abigail Megan Bethany Susan Karen Dawn Paige Melissa Shannon Carly Toni Holly Georgia Alice Helen Jodie Frances Eleanor Naomi Maxine Lorraine Rosie Ellie Imogen Harriet Tamsin Zoë Chloë Renée Hélène Beatrix Philippa Mary-Jane Anne-Marie Lily-Mae";
const BRITISH_FAMILIES: &str = "Smith Taylor Brown Wilson Johnson Walker Wright Robinson Thompson White Hall Clarke Jackson Wood Turner Hill Green Harris Cooper Ward Martin Clark King Baker Harrison Morris Watson Allen Mitchell Shaw Scott Bennett Lee Young Cook Carter Parker Richardson Anderson Campbell Stewart Bell Adams Collins Marshall Miller Cox Webb Simpson Mason Palmer Knight Barker Hunt Mills Holmes Rogers Stevens Foster Russell Chapman Fisher Ellis Butler Barnes Pearson Graham Fletcher Howard Dixon Gibson Andrews Elliott Reynolds Ford Hamilton Fox Payne Day Spencer Lawrence Lowe Hart West Cole Brooks Bradley Atkinson Booth Hudson Dean Carr Walsh Armstrong Nicholson Kaye Gregory Osborne Sutton Burton Rhodes Poole Fuller Holland Barrett Sharp Bailey Robertson Thomson Macdonald Mackenzie Murray Reid Ross Grant Ferguson Cameron Fraser Duncan Kerr McGregor McLean Sinclair Wallace Buchanan Drummond Lockhart Haynes Blackburn Ashworth Sykes Hargreaves Thwaite Pickles Ogden Shackleton Entwistle Braithwaite Featherstone Trevithick Penhaligon Tregenza Nancarrow D'Arcy St-John O'Grady Whybrow Gotobed Sizer Larter";
const WELSH_MEN: &str = "Gareth Rhys Dylan Owen Huw Ieuan Gethin Iestyn Emyr Llewelyn Aled Geraint Carwyn Siôn Dafydd Evan Morgan";
const WELSH_WOMEN: &str =
    "Megan Carys Bethan Cerys Rhian Siân Angharad Nia Lowri Catrin Ffion Eleri Mared Gwenllian";
const WELSH_FAMILIES: &str = "Jones Williams Davies Evans Thomas Roberts Lewis Hughes Edwards Griffiths Morgan Owen Phillips Powell Price Rees Jenkins Lloyd Parry Pritchard Bowen Howell Vaughan Probert Gwilym Prosser Meredith ap-Rhys";
const IRISH_MEN: &str = "Patrick Sean Seán Liam Declan Conor Brendan Kieran Eoin Cormac Fergal Niall Padraig Séamus Dermot Cathal Oisín";
const IRISH_WOMEN: &str =
    "Siobhan Niamh Aoife Sinead Sinéad Ciara Orla Roisin Róisín Grainne Maeve Deirdre Bríd";
const IRISH_FAMILIES: &str = "Murphy Kelly O'Brien Ryan O'Connor Walsh O'Sullivan Byrne O'Neill Doyle Gallagher McCarthy Kennedy Lynch Quinn O'Reilly Brennan Doherty Maguire O'Donnell Ward Connors McDonagh O'Driscoll Ó-Briain Fitzgerald Mac-Giolla";
const EUROPEAN_MEN: &str = "Piotr Marcin Tomasz Andrei Krzysztof Lukasz Pawel Mihai Ionut Florin Adrian Tomas Mantas Vasile João Rui José Marco Luca Mehmet Jürgen François Mateusz Arben Besnik Dritan Zoltán Bogdan";
const EUROPEAN_WOMEN: &str = "Agnieszka Katarzyna Anna Maria Elena Ioana Monika Magdalena Justyna Cristina Daniela Inês Conceição Giulia Ruta Egle Zuzana Françoise Ayse Mirela";
const EUROPEAN_FAMILIES: &str = "Nowak Kowalski Popescu Wisniewski Ionescu Wojcik Silva Kaminski Popa Lewandowski Santos Zielinski Dumitru Stan Kazlauskas Ferreira Rossi Hoxha Gonçalves Simões Núñez Müller Yilmaz Krasniqi Horváth Petrauskas Stoica Szymanska Lefèvre Björk";
const MUSLIM_MEN: &str = "Mohammed Muhammad Ali Ahmed Hassan Imran Usman Adeel Hamza Mohammad Ibrahim Bilal Tariq Kamran Abdul Omar Yusuf Asif Nadeem Zubair Shabir Faisal Junaid Rashid Khalid Mohamed Waqas Mustafa Zain Saif";
const MUSLIM_WOMEN: &str = "Fatima Aisha Amina Zainab Maryam Saima Nadia Shazia Rukhsana Sana Farzana Nasreen Halima Ayesha Yasmin Samina Khadija Bushra";
const MUSLIM_FAMILIES: &str = "Khan Ahmed Hussain Ali Begum Malik Akhtar Mahmood Iqbal Hussein Mohammed Rahman Miah Uddin Shah Chowdhury Mirza Bashir Aslam Rehman Butt Qureshi Siddiqui Al-Hassan Ul-Haq El-Amin Choudhry Raja Saleem Younis";
const INDIAN_MEN: &str = "Harpreet Gurpreet Raj Amit Sanjay Ravi Jaspal Manjit Vijay Sunil Anil Balwinder Kiran Rakesh Deepak Arjun Sukhdev Nikhil Hardeep Ajay";
const INDIAN_WOMEN: &str =
    "Priya Kiran Jaspreet Manpreet Sunita Anjali Meena Harjit Neha Rupinder Kavita Deepa Simran";
const INDIAN_FAMILIES: &str = "Singh Patel Kaur Sharma Shah Gill Sandhu Dhillon Kumar Bains Sidhu Desai Mistry Chauhan Grewal Mehta Reddy Nair Joshi Atwal Thakur Raghunathan";
const AFRICAN_MEN: &str = "Emmanuel Samuel Daniel Abdi Kwame Kofi Tunde Chukwuemeka Olumide Ibrahim Ayodele Chinedu Yaw Babatunde Oluwaseun Femi Tendai Amadou Mamadou Tesfaye Yonas Kwabena";
const AFRICAN_WOMEN: &str = "Grace Blessing Abena Ngozi Folake Hodan Amara Chidinma Esther Precious Akosua Adaeze Funmilayo Fadumo Tigist Rutendo";
const AFRICAN_FAMILIES: &str = "Mensah Okafor Adeyemi Owusu Mohamed Boateng Okonkwo Abdi Adebayo Osei Eze Nwosu Asante Hassan Balogun Ogunleye Oyelaran Appiah Moyo Tesfay Diallo Ncube Addo Nkrumah Chukwu-Eze Kamara Sesay Ndiaye";
const CARIBBEAN_MEN: &str = "Marcus Jermaine Leon Tyrone Andre Kieron Jerome Dwayne Nathaniel Reece Delroy Winston Errol Tyrell Malachi Rakeem Desmond Devonte Isaiah Kadeem";
const CARIBBEAN_WOMEN: &str = "Shanice Chantelle Keisha Simone Monique Jasmine Ebony Yvonne Beverley Tanisha Latoya Marcia Sherelle";
const CARIBBEAN_FAMILIES: &str = "Brown Campbell Williams Francis Clarke Gordon Reid Johnson Grant Bailey Daley Blake Lewis Morgan Henry Joseph Charles Alexander Baptiste Pinnock Beckford St-Louis Thompson Wilson-James Gayle Marlowe Roache";
const CHINESE_MEN: &str =
    "Wei Jun Ming Kevin Hao Jason Minh Tuan Long Chi-Wai Duc Xiang Kwok-Wing Lei";
const CHINESE_WOMEN: &str = "Mei Ling Xiu Hui Lan Thuy Yan Siu-Ling Jing Huong";
const CHINESE_FAMILIES: &str =
    "Chen Nguyen Wong Li Wang Zhang Chan Tran Lin Liu Le Pham Cheung Lam Au-Yeung Huang";

/// Beginnings and ends of place-like surnames: the long tail that hardly anybody shares.
const RARE_BEGINNINGS: &str = "Ather Bram Calder Dun Elms Farns Gris Hather Ing Kel Lang Mere Nether Orm Pens Quarn Ravens Skel Thorn Ulver Wad Yar Brent Cox Dray Ever Fenni Hocken Pet Stan";
const RARE_ENDS: &str = "bridge by combe croft dale don fold ford gate ham hurst leigh ley more shaw stead stone thorpe ton wick wood worth";

/// A forename as common or rare as they come.
pub fn forename(heritage: Heritage, female: bool, rng: &mut impl Rng) -> &'static str {
    let list = match (heritage, female) {
        (Heritage::British, false) => BRITISH_MEN,
        (Heritage::British, true) => BRITISH_WOMEN,
        (Heritage::Welsh, false) => mostly(WELSH_MEN, BRITISH_MEN, rng),
        (Heritage::Welsh, true) => mostly(WELSH_WOMEN, BRITISH_WOMEN, rng),
        (Heritage::Irish, false) => mostly(IRISH_MEN, BRITISH_MEN, rng),
        (Heritage::Irish, true) => mostly(IRISH_WOMEN, BRITISH_WOMEN, rng),
        (Heritage::European, false) => EUROPEAN_MEN,
        (Heritage::European, true) => EUROPEAN_WOMEN,
        (Heritage::Muslim, false) => MUSLIM_MEN,
        (Heritage::Muslim, true) => MUSLIM_WOMEN,
        (Heritage::Indian, false) => INDIAN_MEN,
        (Heritage::Indian, true) => INDIAN_WOMEN,
        (Heritage::African, false) => AFRICAN_MEN,
        (Heritage::African, true) => AFRICAN_WOMEN,
        (Heritage::Caribbean, false) => mostly(CARIBBEAN_MEN, BRITISH_MEN, rng),
        (Heritage::Caribbean, true) => mostly(CARIBBEAN_WOMEN, BRITISH_WOMEN, rng),
        (Heritage::Chinese, false) => CHINESE_MEN,
        (Heritage::Chinese, true) => CHINESE_WOMEN,
    };
    by_rank(list, rng)
}

/// A surname: common, rare, apostrophised or double-barrelled.
pub fn surname(heritage: Heritage, rng: &mut impl Rng) -> String {
    let british = matches!(heritage, Heritage::British | Heritage::Caribbean);
    if british && rng.random_bool(0.14) {
        return rare(rng);
    }
    let first = by_rank(families(heritage), rng);
    if british && rng.random_bool(0.025) {
        let second = by_rank(BRITISH_FAMILIES, rng);
        if second != first {
            return format!("{first}-{second}");
        }
    }
    first.to_owned()
}

fn families(heritage: Heritage) -> &'static str {
    match heritage {
        Heritage::British => BRITISH_FAMILIES,
        Heritage::Welsh => WELSH_FAMILIES,
        Heritage::Irish => IRISH_FAMILIES,
        Heritage::European => EUROPEAN_FAMILIES,
        Heritage::Muslim => MUSLIM_FAMILIES,
        Heritage::Indian => INDIAN_FAMILIES,
        Heritage::African => AFRICAN_FAMILIES,
        Heritage::Caribbean => CARIBBEAN_FAMILIES,
        Heritage::Chinese => CHINESE_FAMILIES,
    }
}

/// Half of them bear a name of the family's own list, half one of the country's.
fn mostly<'a>(own: &'a str, country: &'a str, rng: &mut impl Rng) -> &'a str {
    if rng.random_bool(0.5) { own } else { country }
}

fn rare(rng: &mut impl Rng) -> String {
    format!(
        "{}{}",
        uniform(RARE_BEGINNINGS, rng),
        uniform(RARE_ENDS, rng)
    )
}

fn uniform(list: &'static str, rng: &mut impl Rng) -> &'static str {
    let n = list.split(' ').count();
    list.split(' ')
        .nth(rng.random_range(0..n))
        .unwrap_or_default()
}

/// One of a list that runs from common to rare.
fn by_rank(list: &'static str, rng: &mut impl Rng) -> &'static str {
    let weights: Vec<f64> = (0..list.split(' ').count())
        .map(|rank| 1.0 / (rank as f64 + 4.0))
        .collect();
    list.split(' ')
        .nth(choose(&weights, rng))
        .unwrap_or_default()
}

/// The heritage of a person, by its share.
pub fn heritage(rng: &mut impl Rng) -> Heritage {
    let weights = HERITAGES.map(|(_, share)| share);
    HERITAGES[choose(&weights, rng)].0
}
