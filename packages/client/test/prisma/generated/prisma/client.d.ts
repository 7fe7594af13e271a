/**
 * What the suites use of the client that Prisma makes of schema.prisma. Prisma is nobody's dependency here: where the suites run, it is
 * installed, the client is generated to this place, and the example and the types are compiled with it.
 */
interface TransactionOptions {
  readonly timeout?: number;
  readonly isolationLevel?: 'Serializable';
}

export interface ClientOptions {
  readonly adapter: object;
  readonly transactionOptions?: TransactionOptions;
}

interface Change {
  readonly where: { readonly item: string };
  readonly data: { readonly pieces: { readonly increment: number } | { readonly decrement: number } };
}

export interface Shelf {
  readonly item: string;
  readonly pieces: number;
}

export interface TransactionClient {
  readonly shelf: {
    create(values: { readonly data: Shelf }): PromiseLike<Shelf>;
    update(change: Change): PromiseLike<Shelf>;
    findUniqueOrThrow(which: Pick<Change, 'where'>): PromiseLike<Shelf>;
  };
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>;
  $executeRawUnsafe(query: string, ...values: unknown[]): PromiseLike<number>;
  $transaction<T>(work: (tx: TransactionClient) => Promise<T>, options?: TransactionOptions): Promise<T>;
}

export declare class PrismaClient implements TransactionClient {
  constructor(options: ClientOptions);
  readonly shelf: TransactionClient['shelf'];
  readonly $queryRawUnsafe: TransactionClient['$queryRawUnsafe'];
  readonly $executeRawUnsafe: TransactionClient['$executeRawUnsafe'];
  readonly $transaction: TransactionClient['$transaction'];
  $extends(extension: object): PrismaClient;
  $connect(): Promise<void>;
  $disconnect(): Promise<void>;
}
