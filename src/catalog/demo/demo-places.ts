/** The name and the address of a cinema in the demo. The first cinema of each city contains the palace. */
export interface DemoPlace {
  readonly cinema: string;
  readonly address: string;
  readonly postalCode: string;
}

/**
 * The cinemas of a city. The city is identified by its name in the package `city-timezones` and its ISO-3166 alpha-2
 * country code.
 */
export interface DemoCityPlaces {
  readonly city: string;
  readonly country: string;
  readonly places: readonly DemoPlace[];
}

const place = (cinema: string, address: string, postalCode: string): DemoPlace => ({ cinema, address, postalCode });

/** Twelve cities on six continents, in both hemispheres, with and without summer time. */
export const demoPlaces: readonly DemoCityPlaces[] = [
  {
    city: 'Berlin',
    country: 'DE',
    places: [
      place('Lichtpalast', 'Karl-Marx-Allee 131', '10243'),
      place('Kino am Savignyplatz', 'Kantstraße 146', '10623'),
      place('Spreebogen Lichtspiele', 'Alt-Moabit 99', '10559'),
      place('Kinowerk Neukölln', 'Karl-Marx-Straße 72', '12043'),
      place('Prenzlberger Filmhof', 'Schönhauser Allee 112', '10439'),
    ],
  },
  {
    city: 'London',
    country: 'GB',
    places: [
      place('The Lantern Palace', '24 Charing Cross Road', 'WC2H 0HX'),
      place('Bankside Screen', '58 Southwark Street', 'SE1 1UN'),
      place('Camden Reel', '119 Parkway', 'NW1 7PS'),
      place('Mile End Picture House', '402 Mile End Road', 'E1 4RQ'),
      place('Brixton Lights', '211 Brixton Road', 'SW9 6AB'),
    ],
  },
  {
    city: 'Zürich',
    country: 'CH',
    places: [
      place('Limmatpalast', 'Limmatquai 62', '8001'),
      place('Kino Seefeld', 'Seefeldstrasse 108', '8008'),
      place('Filmhalle West', 'Hardstrasse 219', '8005'),
      place('Kino Wiedikon', 'Birmensdorferstrasse 155', '8003'),
      place('Oerliker Lichtspiele', 'Schaffhauserstrasse 340', '8050'),
    ],
  },
  {
    city: 'København',
    country: 'DK',
    places: [
      place('Søpaladset', 'Vesterbrogade 19', '1620'),
      place('Nørrebro Bio', 'Nørrebrogade 94', '2200'),
      place('Biograf Østerbro', 'Østerbrogade 71', '2100'),
      place('Havnens Filmhus', 'Islands Brygge 32', '2300'),
      place('Frederiksberg Lys', 'Gammel Kongevej 140', '1850'),
    ],
  },
  {
    city: 'New York',
    country: 'US',
    places: [
      place('The Grand Meridian', '233 West 45th Street', '10036'),
      place('Houston Street Cinema', '148 West Houston Street', '10012'),
      place('Bleecker House', '311 Bleecker Street', '10014'),
      place('Fort Greene Film Hall', '87 Lafayette Avenue', '11217'),
      place('Astoria Twelve', '30-18 Steinway Street', '11103'),
    ],
  },
  {
    city: 'Mexico City',
    country: 'MX',
    places: [
      place('Palacio del Cine', 'Avenida Juárez 44', '06050'),
      place('Sala Roma', 'Álvaro Obregón 190', '06700'),
      place('Cine Coyoacán', 'Avenida Universidad 1330', '04000'),
      place('Foco Condesa', 'Avenida Tamaulipas 66', '06140'),
      place('Luces de Polanco', 'Avenida Horacio 522', '11560'),
    ],
  },
  {
    city: 'Sao Paulo',
    country: 'BR',
    places: [
      place('Palácio Ipiranga', 'Avenida Ipiranga 786', '01040-000'),
      place('Cine Augusta', 'Rua Augusta 1475', '01305-100'),
      place('Sala Pinheiros', 'Rua dos Pinheiros 498', '05422-000'),
      place('Cine Vila Mariana', 'Rua Domingos de Morais 770', '04010-100'),
      place('Paulista Doze', 'Avenida Paulista 2064', '01310-200'),
    ],
  },
  {
    city: 'Tokyo',
    country: 'JP',
    places: [
      place('Hibiya Kinema Palace', '1-2-2 Yurakucho, Chiyoda-ku', '100-0006'),
      place('Shinjuku Eigakan', '3-15-15 Shinjuku, Shinjuku-ku', '160-0022'),
      place('Shibuya Screen', '2-24-12 Shibuya, Shibuya-ku', '150-0002'),
      place('Ueno Film Hall', '4-8-4 Ueno, Taito-ku', '110-0005'),
      place('Kichijoji Twelve', '1-11-23 Honcho, Musashino-shi', '180-0004'),
    ],
  },
  {
    city: 'Mumbai',
    country: 'IN',
    places: [
      place('Marine Palace', '38 Maharshi Karve Road', '400020'),
      place('Colaba Talkies', '12 Shahid Bhagat Singh Road', '400005'),
      place('Bandra Screens', '204 Linking Road', '400050'),
      place('Dadar Chitra', '51 Gokhale Road', '400028'),
      place('Andheri Twelve', '7 Veera Desai Road', '400053'),
    ],
  },
  {
    city: 'Sydney',
    country: 'AU',
    places: [
      place('The Harbour State', '49 Market Street', '2000'),
      place('Newtown Picture House', '261 King Street', '2042'),
      place('Paddington Verona', '17 Oxford Street', '2021'),
      place('Bondi Lights', '500 Oxford Street', '2022'),
      place('Parramatta Twelve', '159 Church Street', '2150'),
    ],
  },
  {
    city: 'Cape Town',
    country: 'ZA',
    places: [
      place('The Table Bay Palace', '117 Long Street', '8001'),
      place('Gardens Bioscope', '68 Orange Street', '8001'),
      place('Woodstock Reel', '375 Albert Road', '7925'),
      place('Sea Point Screen', '82 Regent Road', '8005'),
      place('Claremont Twelve', '40 Main Road', '7708'),
    ],
  },
  {
    city: 'Nairobi',
    country: 'KE',
    places: [
      place('Uhuru Film Palace', 'Moi Avenue 21', '00100'),
      place('Westlands Screen', 'Waiyaki Way 14', '00800'),
      place('Kilimani House', 'Argwings Kodhek Road 33', '00100'),
      place('Karen Picture Hall', 'Ngong Road 260', '00502'),
      place('Eastleigh Twelve', 'First Avenue 9', '00610'),
    ],
  },
];
