import { Bench } from 'tinybench';
import { median } from '../statistics.mjs';
import { answer, contender, request } from './child.mjs';

/**
 * Times loops against each other in short rounds that alternate, and answers with the ratio of each to the last, as
 * the median over the rounds. A round's figure is a mean, so that each loop pays for the garbage it makes.
 */
const { sides, rounds, roundMs, batch } = request;

const loops = await Promise.all(
  sides.map(async ({ name, loop, args = [] }) => {
    const module = await contender(name);
    return module[loop](...args);
  }),
);
const isAsync = loops[0](1) instanceof Promise;
const warmUpRounds = Math.ceil(rounds / 5);
const ratios = sides.map(() => []);
const nanoseconds = sides.map(() => []);

for (let round = 0; round < rounds + warmUpRounds; round++) {
  const bench = new Bench({
    throws: true,
    warmup: false,
    iterations: 1,
    time: roundMs,
    timestampProvider: 'hrtimeNow',
    // So that no side pays for the garbage of the other.
    setup: () => globalThis.gc({ type: 'minor' }),
  });
  const order = [...loops.keys()];
  if (round % 2 === 1) order.reverse();
  for (const index of order) bench.add(String(index), () => loops[index](batch), { async: isAsync });
  await bench.run();
  if (round < warmUpRounds) continue;
  const means = loops.map((_, index) => bench.getTask(String(index)).result.latency.mean);
  means.forEach((mean, index) => {
    ratios[index].push(mean / means.at(-1));
    nanoseconds[index].push((mean * 1e6) / batch);
  });
}

answer({ ratios: ratios.map(median), nanoseconds: nanoseconds.map(median) });
