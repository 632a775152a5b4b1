/** Whatever goes wrong with DynamoDB or the way to it, requests are answered by the origin. */
import { DynamoStorage } from '../../../lib/dynamo.js';
import { clientOf, newTable } from '../../support/dynamo.js';
import { describeService } from '../../support/services.js';
import { allowNoUnhandledRejection } from '../../support/unhandled.js';
import { describeGuardOnNetwork } from '../describe-guard.js';

allowNoUnhandledRejection();

describeService('dynamodb', (engine) => {
  const table = newTable();
  describeGuardOnNetwork(
    'DynamoStorage',
    () => engine().url,
    (url, namespace) => new DynamoStorage({ table, namespace, client: clientOf(url), createIfMissing: true }),
  );
});
