export interface PlayedDay { requests: number; refreshes: number; sweeps: number; mostEntries: number; held: number[]; faults: string[] }
export async function playDay(_: { hours: number }): Promise<PlayedDay> { return { requests: 0, refreshes: 0, sweeps: 0, mostEntries: 0, held: [], faults: [] }; }
