// Prisma with its engine as WebAssembly, which speaks to the database through a driver adapter.
import { PrismaPg } from 'NODE_MODULES/@prisma/adapter-pg/dist/index.mjs'
import pg from 'NODE_MODULES/pg/esm/index.mjs'

// This adapter does not know the type `name`, which the engine asks for.
const [NAME, TEXT] = [19, 25]
const addFields = pg.Result.prototype.addFields
pg.Result.prototype.addFields = function (fields) {
  for (const field of fields) if (field.dataTypeID === NAME) field.dataTypeID = TEXT
  return addFields.call(this, fields)
}

// This adapter cuts scripts at semicolons. The usual engine sends a migration whole, as a simple query.
async function whole(script) {
  try {
    await this.client.query(script)
  } catch (error) {
    this.onError(error)
  }
}

// The engine gives up waiting for its lock after so long, and leaves the timer to run out when it has it.
const PATIENCE = 10000
const setTimeout = globalThis.setTimeout
globalThis.setTimeout = (run, delay, ...rest) => {
  const timer = setTimeout(run, delay, ...rest)
  return delay === PATIENCE ? timer.unref() : timer
}

const url = new URL(process.env.DATABASE_URL)
const schema = url.searchParams.get('schema') ?? undefined
url.searchParams.delete('schema')

export default {
  experimental: { adapter: true },
  engine: 'js',
  schema: `${process.env.PROJECT}/prisma/schema.prisma`,
  adapter: async () => {
    const options = schema && `-c search_path=${schema}`
    // Without the last of these, each command waits for its idle connections to end.
    const pool = { connectionString: url.href, options, allowExitOnIdle: true }
    const factory = new PrismaPg(pool, { schema })
    const connect = factory.connect.bind(factory)
    factory.connect = async () => {
      const adapter = await connect()
      adapter.executeScript = whole
      return adapter
    }
    return factory
  },
}
