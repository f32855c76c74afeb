// Compares the answers in JSON lines on standard input (`cargo run --example requests`) with those
// of iam-simulate, and prints each kind of difference with the first case of it.
//
// Exit code 0: every difference is one that README.md explains; 1: another one.

import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

// The policies of endpoints are evaluated by a part of the library that it does not export: the whole
// answer needs the policies of the caller, and there are none here.
const main = createRequire(import.meta.url).resolve('@cloud-copilot/iam-simulate')
const inside = path => import(pathToFileURL(join(dirname(main), '..', 'esm', path)))
const { analyzeResourcePolicy } = await inside('core_engine/CoreSimulatorEngine.js')
const { AwsRequestImpl } = await inside('request/request.js')
const { RequestContextImpl } = await inside('requestContext.js')
const { DiscoveryContextKeyConstraints } = await inside('context_keys/discoveryContextKeyConstraints.js')
const { loadPolicy } = await import('@cloud-copilot/iam-policy')
const { anonymousPrincipal } = await import('@cloud-copilot/iam-simulate')

const simulation = {
  simulationMode: 'Strict',
  discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([]),
}

// The keys that AWS itself puts into a request: iam-simulate wants them given.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
const OF_WAY = ['aws:sourcevpce', 'aws:sourcevpc', 'aws:sourcevpcarn', 'aws:vpceaccount', 'aws:vpceorgid',
  'aws:vpcsourceip', 'aws:sourceip', 'aws:calledviafirst', 'aws:sourceowner', 'kms:calleraccount',
  'aws:principalaccount', 'aws:principaltype', 'aws:username', 'aws:principalarn', 'aws:viaawsservice']

function context(one, endpoint) {
  const { principal, context } = one.request
  const brought = Object.entries(context).filter(([key]) => !OF_WAY.includes(key.toLowerCase()) && isBrought(key.toLowerCase(), principal))
  const values = Object.fromEntries(brought.map(([key, values]) => [key, values.length === 1 && !isSeveral(key) ? values[0] : values]))
  values['aws:SourceVpce'] = endpoint
  values['aws:SourceVpc'] = 'main'
  values['aws:SourceVpcArn'] = 'arn:aws:ec2:eu-west-1:111122223333:vpc/main'
  values['aws:VpceAccount'] = '111122223333'
  if (one.source) values['aws:VpcSourceIp'] = one.source
  if (principal) {
    const [, , , , account, name] = principal.split(':')
    values['aws:PrincipalAccount'] = account
    values['kms:CallerAccount'] = account
    values['aws:PrincipalArn'] = principal
    values['aws:PrincipalType'] = name === 'root' ? 'Account' : name.startsWith('user/') ? 'User' : 'AssumedRole'
    if (name.startsWith('user/')) values['aws:username'] = name.split('/').at(-1)
    values['aws:ViaAWSService'] = 'false'
  } else {
    values['aws:PrincipalAccount'] = 'anonymous'
    values['aws:PrincipalType'] = 'Anonymous'
  }
  return values
}

// Whoever did not sign has no organization, and only users and roles have tags.
function isBrought(key, principal) {
  if (key.startsWith('aws:principaltag/')) return principal !== null && !principal.endsWith(':root')
  return !key.startsWith('aws:principalorg') || principal !== null
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
const isSeveral = key => ['aws:tagkeys', 'aws:principalorgpaths', 'dynamodb:leadingkeys'].includes(key.toLowerCase())

const EFFECTS = { Allowed: 'permitted', AllowedForAccount: 'permitted', ExplicitlyDenied: 'denied', DeniedForAccount: 'denied', ImplicitlyDenied: 'denied' }

// What a policy of one part asks, without its values.
function asks(statement) {
  const [operator] = Object.keys(statement.Condition ?? {})
  if (operator) return `${operator} ${Object.keys(statement.Condition[operator])[0]}`
  const names = ['NotAction', 'NotResource', 'NotPrincipal', 'Principal', 'Resource', 'Action']
  return names.find(name => name in statement && statement[name] !== '*') ?? 'everything'
}

const isList = element => Array.isArray(element)

// Why iam-simulate answers otherwise, by the headings of README.md; undefined where nothing explains it.
function explained(statement, document, asked, endpoint) {
  const text = JSON.stringify(statement)
  const { resource } = asked.request
  const values = Object.fromEntries(Object.entries(context(asked, endpoint)).map(([key, value]) => [key.toLowerCase(), value]))
  if (resource === '*') return 'the resource is *'
  const resources = [statement.Resource ?? statement.NotResource].flat()
  if (resource.split(':').length > 6 && resources.some(pattern => /\*./.test(pattern))) return 'a colon behind the fifth'
  if (/\$\{[*?$]\}/.test(text)) return 'an escaped character'
  const variables = [...text.matchAll(/\$\{([^},*?$]+)/g)].map(([, name]) => name.toLowerCase())
  if (variables.length > 0 && !document.Version) return 'variables of an older version'
  if (variables.some(name => !values[name])) return 'a variable without a value'
  if (endpoint === 'g' && /"\d{12}"|:root"/.test(text) && ('Principal' in statement || 'NotPrincipal' in statement)) return 'an account at a gateway endpoint'
  const [operator] = Object.keys(statement.Condition ?? {})
  if (!operator) return undefined
  const [key] = Object.keys(statement.Condition[operator])
  const compared = [statement.Condition[operator][key]].flat()
  const brought = [values[key.toLowerCase()] ?? []].flat()
  if (operator.includes('IpAddress')) {
    if (compared.some(block => block.endsWith('/0'))) return 'a block of every address'
    if (brought.concat(compared).some(one => one.includes(':')) && brought.concat(compared).some(one => !one.includes(':'))) return 'addresses of two families'
  }
  if (operator.includes('Date')) return 'dates in seconds, or not of both days and seconds'
  if (isSeveral(key) && !operator.includes(':')) return 'a multivalued key without a set operator'
  if (operator.startsWith('ForAllValues:') && brought.includes('')) return 'an empty value of ForAllValues'
  return undefined
}

let compared = 0
let open = 0
let unsaid = 0
const differences = new Map()
const reasons = new Map()
// The requests of a seed about which a part differs: the whole policy tells nothing new of them.
let differing = { seed: -1, requests: new Set() }
for await (const line of createInterface({ input: process.stdin })) {
  const one = JSON.parse(line)
  if (one.seed !== differing.seed) differing = { seed: one.seed, requests: new Set() }
  const document = JSON.parse(one.policy)
  const statements = document.Statement
  if (statements.some(of => isList(of.Condition) || isList(of.Principal) || isList(of.NotPrincipal))) {
    unsaid += one.requests.length
    continue
  }
  const policy = loadPolicy(document, { name: 'endpoint' })
  for (const [place, asked] of one.requests.entries()) {
    if (asked.effect === 'undetermined') {
      open += 1
      differing.requests.add(place)
      continue
    }
    const { principal, action, resource } = asked.request
    let said
    try {
      const identifier = { resource, accountId: '111122223333' }
      const request = new AwsRequestImpl(principal ?? anonymousPrincipal, identifier, action, new RequestContextImpl(context(asked, one.endpoint)))
      const analysis = analyzeResourcePolicy(policy, request, false, simulation)
      said = EFFECTS[analysis.result] ?? analysis.result
    } catch (error) {
      said = `error: ${error.message}`
    }
    const isWhole = statements.length > 1
    if (isWhole && differing.requests.has(place)) continue
    compared += 1
    if (said === asked.effect) continue
    differing.requests.add(place)
    const why = isWhole ? undefined : explained(statements[0], document, asked, one.endpoint)
    if (why) {
      reasons.set(why, (reasons.get(why) ?? 0) + 1)
      continue
    }
    const key = `${isWhole ? 'whole policy' : asks(statements[0])}: ${asked.effect}, iam-simulate ${said}`
    const found = differences.get(key) ?? { n: 0, shown: [] }
    found.n += 1
    if (found.shown.length < Number(process.env.SHOW ?? 1)) {
      found.shown.push(JSON.stringify({ seed: one.seed, endpoint: one.endpoint, policy: document, ...asked }))
    }
    differences.set(key, found)
  }
}
console.log(`${compared} answers compared, ${open} undetermined by vpcproof, ${unsaid} about policies that one JSON object cannot hold`)
for (const [why, n] of [...reasons].sort()) console.log(`${n} differ: ${why}`)
for (const [key, { n, shown }] of [...differences].sort()) console.log([`${n} ${key}`, ...shown].join('\n'))
process.exitCode = differences.size > 0 ? 1 : 0
