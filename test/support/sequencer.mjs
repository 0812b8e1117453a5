import Sequencer from '@jest/test-sequencer';

/**
 * The projects in the order in which their files start. The files with the longest waits start first. If they started last,
 * one core would be idle at the end of the run.
 */
const projects = ['chaos', 'browser', 'cluster', 'e2e', 'concurrency', 'simulation', 'unit'];

const rank = ({ context }) => projects.indexOf(context.config.displayName.name);

/** Starts slow projects first. Within a project, Jest starts the files that took longest in the last run. */
export default class SlowProjectsFirst extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- this is a method of Jest, which returns a new array
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
}
