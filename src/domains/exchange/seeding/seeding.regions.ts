/** Where hospitals stand. Coordinates are of the cities, degrees. */
interface City {
  readonly city: string;
  readonly region: string;
  readonly time_zone: string;
  readonly latitude: number;
  readonly longitude: number;
}

const of = (
  region: string,
  time_zone: string,
  cities: readonly (readonly [string, number, number])[],
): City[] => cities.map(([city, latitude, longitude]) => ({ city, region, time_zone, latitude, longitude }));

/** In an order that gives the first hospitals different regions. */
export const cities: readonly City[] = [
  of('MA', 'America/New_York', [['Boston', 42.36, -71.06], ['Worcester', 42.26, -71.8], ['Lowell', 42.63, -71.32]]),
  of('IL', 'America/Chicago', [['Chicago', 41.88, -87.63], ['Peoria', 40.69, -89.59], ['Rockford', 42.27, -89.09]]),
  of('CO', 'America/Denver', [['Denver', 39.74, -104.99], ['Boulder', 40.01, -105.27], ['Pueblo', 38.25, -104.61]]),
  of('CA', 'America/Los_Angeles', [['Fresno', 36.74, -119.79], ['Oakland', 37.8, -122.27], ['Irvine', 33.68, -117.83]]),
]
  .flatMap((region) => region.map((city, index) => ({ city, index })))
  .toSorted((a, b) => a.index - b.index)
  .map(({ city }) => city); // prettier-ignore
