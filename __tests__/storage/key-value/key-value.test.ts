/** KeyValueStorage over a Map: the contract, and what is special to it. */
import { engineOver } from './engine.js';
import { describeStorage } from '../contract/describe-storage.js';
import { KEY } from '../record/samples.js';
import { fromMap } from '../../../lib/storage/key-value/bridges/map.js';

const openMap = () => {
  const map = new Map<string, Uint8Array>();
  return () => fromMap(map);
};

const plain = engineOver(openMap);
describeStorage('KeyValueStorage over a Map', plain.create, plain.engine);

const layered = engineOver(openMap, { compress: { from: 0 }, encryptionKeys: [KEY] });
describeStorage('KeyValueStorage over a Map, compressed and encrypted', layered.create, layered.engine);
