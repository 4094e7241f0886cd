import type { Attributes, Meter } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { SessionActivityHub } from '../../src/hub/index.js';
import type { TrackerOptions } from '../../src/index.js';
import { addSession, type HubSessionKit } from '../hub/hub-session.js';

/** The exported points of one instrument. */
type Points = [attributes: Attributes, value: unknown][];

/** A hub, and a meter with an in-memory exporter. */
export interface MeteredHub extends AsyncDisposable {
  readonly hub: SessionActivityHub;
  readonly meter: Meter;
  /** Adds a session with a tracker that counts any reason. */
  readonly addSession: (sessionId: string, options?: TrackerOptions) => HubSessionKit;
  /** Collects, and returns what was exported. */
  readonly collect: () => Promise<readonly MetricData[]>;
  /** Collects, and returns the points of the instrument of that name. */
  readonly pointsOf: (name: string) => Promise<Points | undefined>;
}

export function createMeteredHub(): MeteredHub {
  const hub = new SessionActivityHub();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const collect = async (): Promise<readonly MetricData[]> => {
    exporter.reset();
    await reader.forceFlush();
    return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  };
  return {
    hub,
    meter: provider.getMeter('host'),
    addSession: (sessionId, options) => addSession(hub, sessionId, options),
    collect,
    pointsOf: async (name) => {
      const metrics = await collect();
      const metric = metrics.find(({ descriptor }) => descriptor.name === name);
      return metric?.dataPoints.map(({ attributes, value }) => [attributes, value]);
    },
    [Symbol.asyncDispose]: () => provider.shutdown(),
  };
}
