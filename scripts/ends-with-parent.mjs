/**
 * Preloaded (`--import`) by a process that must not outlive the one that started it with an `ipc` channel: a parent that is
 * killed cannot pass anything on, but its end of the channel closes. That may have happened before this runs; in a child of
 * such a process there is no channel, and `connected` is undefined.
 */
const end = () => process.kill(process.pid, 'SIGTERM');

if (process.connected === false) end();
else if (process.connected) process.once('disconnect', end).channel.unref();
