import PQueue from 'p-queue';

/** Adding a task as the bracket; `size` and `pending` are what tells that work is in flight. */
export function runs() {
  const queue = new PQueue();
  const work = async () => undefined;
  return async (times) => {
    for (let i = 0; i < times; i++) await queue.add(work);
  };
}
