/** Prisma's driver adapters, as far as the suites use them. */
declare module '@prisma/adapter-pg' {
  export class PrismaPg {
    readonly provider: string;
    constructor(options: { readonly connectionString: string | undefined; readonly max?: number });
  }
}

declare module '@prisma/adapter-mariadb' {
  export class PrismaMariaDb {
    readonly provider: string;
    constructor(url: string);
  }
}
