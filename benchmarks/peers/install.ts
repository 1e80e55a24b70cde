import { byNpm, byPip, type Tool } from '../../scripts/installed-tools.js';

/** Of the day when the goals were set. */
export const versions = { parse: '9.10.0', eve: '2.3.1', gunicorn: '23.0.0' } as const;
export type Peer = 'parse' | 'eve';

export const peerTools: Readonly<Record<Peer, Tool>> = {
  parse: { name: 'parse', version: versions.parse, installer: byNpm(`parse-server@${versions.parse}`) },
  eve: {
    ...{ name: 'eve', version: versions.eve },
    installer: byPip(`eve==${versions.eve}`, `gunicorn==${versions.gunicorn}`),
  },
};
