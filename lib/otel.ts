/** Spans and metrics of OpenTelemetry for the requests of a cache: `axios-client-cache/otel`. */
export { instrument } from './otel/instrument.js';
