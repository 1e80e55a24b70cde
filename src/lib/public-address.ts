import { BlockList, isIP } from 'node:net';

/*
 * The IANA registries of special-purpose addresses (RFC 6890 and its successors), with multicast (RFC 5771): what the public internet does
 * not route to a host. Of IPv6 only 2000::/3 is given out to hosts; mapped and translated IPv4 addresses, unique local and link-local ones
 * are all outside of it.
 */
const special4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Protocol assignments (Teredo, ORCHID, benchmarking), documentation, 6to4 (which holds an IPv4 address), direct delegation AS112. */
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

function blockList(subnets: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [address = '', bits] of subnets.map((subnet) => subnet.split('/')))
    list.addSubnet(address, Number(bits), family);
  return list;
}

const notPublic4 = blockList(special4, 'ipv4');
const notPublic6 = blockList(special6, 'ipv6');
const global6 = blockList(['2000::/3'], 'ipv6');

/** Whether an IP address, as text, is one of a host on the public internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !notPublic4.check(address, 'ipv4');
  return family === 6 && global6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
}
