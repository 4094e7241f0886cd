/** Opens two sessions of a container, works in both and ends the first. */
export async function driveSessions(clock, open) {
  const sessions = [open(), open()];
  const [first, second] = sessions.map(({ resolve }) => resolve());
  const keepalives = [0, 0];
  [first, second].forEach((tracker, index) => {
    tracker.registerCallback(() => keepalives[index]++);
    tracker.start('tool_exec');
  });
  clock.advance(30_000);
  const beforeEnd = [...keepalives];
  const isOnePerSession = first === sessions[0].resolve() && first !== second;

  await sessions[0].end();
  clock.advance(30_000);
  return {
    isOnePerSession,
    beforeEnd,
    afterEnd: keepalives,
    states: [first, second].map((tracker) => tracker.snapshot().state),
  };
}
