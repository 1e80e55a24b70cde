import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { checkAgreement, readMonths, type Contender } from '../../benchmarks/contenders/contender.js';
import { namesAmong } from '../../benchmarks/contenders/setting.js';
import * as eve from '../../benchmarks/peers/eve.js';
import { peerTools, versions } from '../../benchmarks/peers/install.js';
import { folderOf } from '../../scripts/installed-tools.js';
import * as parse from '../../benchmarks/peers/parse.js';
import { withDatabase } from '../../benchmarks/servers.js';

const list = { doctor_id: 'D 1', from: '2025-01-01T00:00:00.000Z', to: '2025-04-01T00:00:00.000Z' };
const booking = { patient: 3, doctor_id: 'D1', date: new Date('2027-05-10T08:00:00Z') };
const patientId = (n: number): string => `P${n}`;
const iso = (text: string) => ({ __type: 'Date', iso: text });

describe('what the peers are asked', () => {
  it('DBA-2: Parse Server: times and pipelines in its own spelling', () => {
    const query = new URLSearchParams(parse.listQuery(list));
    expect(JSON.parse(query.get('where')!)).to.deep.equal({
      doctor_id: 'D 1',
      date: { $gte: iso(list.from), $lt: iso(list.to) },
    });
    expect([query.get('order'), query.get('limit')]).to.deep.equal(['-date', '20']);
    expect(JSON.parse(parse.bookingBody(booking, patientId))).to.deep.include({
      ...{ patient_id: 'P3', doctor_id: 'D1', status: 'scheduled' },
      date: iso('2027-05-10T08:00:00.000Z'),
    });
    const [match] = JSON.parse(
      new URLSearchParams(parse.reportQuery('monthly')).get('pipeline')!,
    ) as object[];
    expect(match).to.deep.equal({
      $match: { date: { $gte: { $date: '2025-01-01T00:00:00Z' }, $lt: { $date: '2026-01-01T00:00:00Z' } } },
    });
  });

  it('DBA-2: Eve: times of RFC 1123', () => {
    const query = new URLSearchParams(eve.listQuery(list));
    expect(JSON.parse(query.get('where')!)).to.deep.equal({
      doctor_id: 'D 1',
      date: { $gte: 'Wed, 01 Jan 2025 00:00:00 GMT', $lt: 'Tue, 01 Apr 2025 00:00:00 GMT' },
    });
    expect(JSON.parse(eve.bookingBody(booking, patientId))).to.deep.include({
      ...{ patient_id: 'P3', status: 'scheduled', date: 'Mon, 10 May 2027 08:00:00 GMT' },
    });
  });

  it('DBA-2: are installed by npm and pip into a temporary folder of their version, without scripts', () => {
    const folder = folderOf(peerTools.parse);
    expect(folder.startsWith(tmpdir())).to.equal(true);
    expect(folder).to.match(new RegExp(`parse-${versions.parse}$`));
    expect(peerTools.parse.installer(folder)).to.include.members(['--prefix', folder, '--ignore-scripts']);
    expect(peerTools.eve.installer(folder)).to.include.members(['--target', folder, `eve==${versions.eve}`]);
  });

  it('DBA-2: each has a database of its own, whatever the URI named', () => {
    const uris = ['mongodb://a:1,b:2/?replicaSet=rs', 'mongodb://a:1,b:2/x?replicaSet=rs', 'mongodb://a'];
    expect(uris.map((uri) => withDatabase(uri, 'own'))).to.deep.equal([
      ...['mongodb://a:1,b:2/own?replicaSet=rs', 'mongodb://a:1,b:2/own?replicaSet=rs', 'mongodb://a/own'],
    ]);
  });

  it('DBA-2: --only knows its names', () => {
    const only = namesAmong(['bare', 'list']);
    expect(only('list,bare')).to.deep.equal(['list', 'bare']);
    expect(() => only('lists')).to.throw('It must name some of bare, list');
  });
});

describe('the agreement of servers', () => {
  const rows = [
    { month: '2025-01', status: 'completed', appointments: 4 },
    { month: '2025-01', status: 'cancelled', appointments: 1 },
    { month: '2025-02', status: 'no_show', appointments: 2 },
  ];

  it('DBA-2: reads months from rows of a month and a status', () => {
    expect(readMonths(rows)).to.deep.equal([
      ['2025-01', 4, 1],
      ['2025-02', 0, 0],
    ]);
  });

  it('DBA-2: is none when one answers other rows, or no good answer', async () => {
    const server = createServer((request, response) => {
      const given = request.url === '/two' ? rows.slice(1) : rows;
      response.writeHead(request.url === '/away' ? 503 : 200).end(JSON.stringify(given));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const contender = (path: string): Contender => {
      const shot = () => ({ path });
      return {
        ...{ name: path, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, pid: 0 },
        shots: { patient: shot, list: shot, book: shot, 'top-doctors': shot, monthly: shot },
        read: (_, body) => readMonths(body as typeof rows),
        stop: () => Promise.resolve(),
      };
    };
    const outcome = (path: string): Promise<string> =>
      checkAgreement([contender('/one'), contender(path)], 'monthly').then(
        () => 'agreed',
        ({ message }: Error) => message,
      );
    try {
      expect(await outcome('/same')).to.equal('agreed');
      expect(await outcome('/two')).to.match(/^\/two, monthly: .*\nand not /);
      expect(await outcome('/away')).to.match(/^\/away, monthly: 503/);
    } finally {
      server.close();
    }
  });
});
