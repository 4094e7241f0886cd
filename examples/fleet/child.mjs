/**
 * The child's end of a `ChildProcess`: answers what the parent asks, and ends with the parent.
 *
 * @param {Record<string, () => unknown>} answers by question
 */
export function answerParent(answers) {
  process.on('message', (question) => process.send?.(answers[String(question)]?.()));
  process.once('disconnect', () => process.exit());
  // Ctrl-C goes to every process of a terminal. The parent sees to it.
  process.on('SIGINT', () => {});
}
