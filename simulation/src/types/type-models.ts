import { InvariantError } from '@tandem/protocol';
import { messageModel } from './message-model.js';
import { sagaModel } from './saga-model.js';
import { tccModel } from './tcc-model.js';
import { workflowModel } from './workflow-model.js';
import { xaModel } from './xa-model.js';
import type { TypeModel } from './type-model.js';

/** Every type that is simulated; a saga is drawn twice as often as the others. */
export const typeModels: readonly [TypeModel, ...TypeModel[]] = [
  sagaModel,
  sagaModel,
  messageModel,
  tccModel,
  xaModel,
  workflowModel,
];

export function typeModelOf(type: string): TypeModel {
  const model = typeModels.find((candidate) => candidate.type === type);
  if (model === undefined) throw new InvariantError(`the simulation knows no type ${type}`);
  return model;
}
