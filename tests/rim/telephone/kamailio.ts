// kamailio as the telephone exchange: registrar and proxy with digest, over UDP and TCP on one port of loopback.
// Numbers it knows and that are registered ring; known but not registered is 480, unknown is 404, `busy` ones are 486.
import { connect } from 'node:net'
import { freePort } from './port.ts'
import { type Program, startProgram } from './program.ts'

export type Kamailio = {
  host: string
  port: number
  /** What it logged: one line `route: METHOD user` for each request it took. */
  log(): string
  /** Resolves once this number is registered. */
  registered(user: string): Promise<void>
  /** Resolves once it logged a request of this method for this user. */
  routed(method: string, user: string): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts an exchange. `passwords` are its numbers, each with its password (the gateway's own extension too); `busy` are
 * numbers that always answer 486; `routes` are numbers that ring at a fixed URI without registering. A `port` that is
 * given is taken again after a stop.
 */
export async function startKamailio(options: {
  passwords: Record<string, string>
  busy?: readonly string[]
  routes?: Record<string, string>
  port?: number
}): Promise<Kamailio> {
  const port = options.port ?? (await freePort())
  const program = await startProgram(
    'kamailio',
    directory => ['-DD', '-E', '-f', 'kamailio.cfg', '-Y', directory, '-m', '32', '-M', '8'],
    () => ({ 'kamailio.cfg': config(port, options) }),
  )
  await ready(port, program)
  return {
    host: '127.0.0.1',
    port,
    log: program.printed,
    registered: async user => void (await program.until(new RegExp(`registered: ${user}\\b`))),
    routed: async (method, user) => void (await program.until(new RegExp(`route: ${method} ${user}\\b`))),
    stop: program.stop,
  }
}

/** It is there once it answers an OPTIONS; until then each refused connection is followed by another. */
function ready(port: number, program: Program): Promise<void> {
  return new Promise((resolve, reject) => {
    let isGone = false
    program.exited.then(code => {
      isGone = true
      reject(new Error(`kamailio ended with ${code}:\n${program.printed()}`))
    }, reject)
    const ask = (): void => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.on('connect', () => socket.write(options(port)))
      socket.on('data', () => {
        socket.destroy()
        resolve()
      })
      socket.on('error', () => {
        if (!isGone) setTimeout(ask, 20)
      })
    }
    ask()
  })
}

function options(port: number): string {
  return [
    `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
    'Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKready',
    'From: <sip:ready@127.0.0.1>;tag=ready',
    `To: <sip:127.0.0.1:${port}>`,
    'Call-ID: ready',
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}

function config(port: number, options: Parameters<typeof startKamailio>[0]): string {
  const { passwords, busy = [], routes = {} } = options
  const modules = [
    'tm',
    'sl',
    'rr',
    'pv',
    'maxfwd',
    'textops',
    'siputils',
    'usrloc',
    'registrar',
    'auth',
    'htable',
    'xlog',
  ]
  return `#!KAMAILIO
debug=2
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
alias="127.0.0.1:${port}"
listen=udp:127.0.0.1:${port}
listen=tcp:127.0.0.1:${port}
${modules.map(name => `loadmodule "${name}.so"`).join('\n')}
modparam("usrloc", "db_mode", 0)
modparam("htable", "htable", "password=>size=8;")
modparam("htable", "htable", "busy=>size=8;")
modparam("htable", "htable", "route=>size=8;")

event_route[htable:mod-init] {
${Object.entries(passwords)
  .map(([user, password]) => `  $sht(password=>${user}) = "${password}";`)
  .join('\n')}
${Object.entries(routes)
  .map(([user, uri]) => `  $sht(route=>${user}) = "${uri}";`)
  .join('\n')}
${busy.map(user => `  $sht(busy=>${user}) = 1;`).join('\n')}
}

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  xlog("L_WARN", "route: $rm $rU\\n");
  if (is_method("OPTIONS") && uri == myself && $rU == $null) { sl_send_reply("200", "OK"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) { t_relay(); } exit; }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK") && t_check_trans()) { t_relay(); exit; }
    if (!is_method("ACK")) { sl_send_reply("404", "Not Here"); }
    exit;
  }
  t_check_trans();
  if (is_method("REGISTER")) {
    if ($au == $null || !pv_www_authenticate("tocsin", "$sht(password=>$au)", "0")) { www_challenge("tocsin", "0"); exit; }
    if (save("location")) { xlog("L_WARN", "registered: $tU\\n"); }
    exit;
  }
  if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if ($au == $null || !pv_proxy_authenticate("tocsin", "$sht(password=>$au)", "0")) { proxy_challenge("tocsin", "0"); exit; }
  consume_credentials();
  record_route();
  if ($sht(busy=>$rU) == 1) { sl_send_reply("486", "Busy Here"); exit; }
  if ($sht(route=>$rU) != $null) { $ru = $sht(route=>$rU); t_relay(); exit; }
  if ($sht(password=>$rU) == $null) { sl_send_reply("404", "Not Found"); exit; }
  if (!lookup("location")) { sl_send_reply("480", "Temporarily Unavailable"); exit; }
  t_relay();
}
`
}
