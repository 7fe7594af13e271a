import type { Case } from '../case.js';
import { adminCases } from './admin-cases.js';
import { answerCases } from './answer-cases.js';
import { messageCases } from './message-cases.js';
import { refusalCases } from './refusal-cases.js';
import { sagaCases } from './saga-cases.js';
import { tccCases } from './tcc-cases.js';
import { topicCases } from './topic-cases.js';
import { workflowCases } from './workflow-cases.js';
import { xaCases } from './xa-cases.js';

/** Every case, grouped as the table is. */
export const allCases: readonly Case[] = [
  ...sagaCases,
  ...messageCases,
  ...topicCases,
  ...tccCases,
  ...xaCases,
  ...workflowCases,
  ...answerCases,
  ...refusalCases,
  ...adminCases,
];
