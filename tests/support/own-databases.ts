/** The names of the databases that this process has made and not dropped: what the watchdog looks into. */
export const ownDatabases = new Set<string>();
