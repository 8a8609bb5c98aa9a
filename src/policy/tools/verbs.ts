/** Words in tools' names that tell what they do. docs/policies.md shows this table. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const READ = words(`
  get list read search find fetch describe show view count check lookup look browse inspect status stat head tail
  diff compare validate verify preview summarize explain analyze analyse resolve ping echo help whoami
  retrieve poll watch monitor download export scan measure calculate estimate estimated info tree think screenshot
`);

export const WRITE = words(`
  create add insert update set put patch edit write append upload save rename copy move post send reply comment
  publish share invite assign label tag enable disable open close merge import sync schedule start stop restart
  submit upsert fork star subscribe unsubscribe mark archive restore make mkdir touch register request approve
  reject accept configure change modify apply push commit transition attach upgrade connect notify draft log store
`);

export const DESTRUCTIVE = words(`
  delete remove drop destroy purge truncate wipe erase clear reset revoke uninstall unlink rm rmdir kill terminate
  cancel force prune expire deactivate overwrite replace rollback ban block void discard shutdown
`);

export const FINANCIAL = words(`
  charge pay payout refund transfer purchase buy sell order checkout withdraw deposit trade donate bill reimburse
  tip bid capture
`);

/** What money is in: changing one of these moves some. */
export const FINANCIAL_OBJECTS = words(`
  payment payments payouts invoice invoices subscription subscriptions charges refunds transfers billing wallet
  balance price prices coupon discount credit
`);

export const EXECUTE = words(`
  execute exec run eval evaluate shell bash command cmd script invoke call deploy spawn sudo terminal python
  javascript sql code process launch install
`);

/** What is no noun, so that a name which ends in it does it: `search_replace`. */
export const ENDING = words("delete remove replace overwrite write edit destroy purge wipe erase execute");
