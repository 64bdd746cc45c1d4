#include "cli/command_line.hpp"

#include <cstdlib>
#include <functional>
#include <memory>

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/log.hpp"
#include "base/suggest.hpp"
#include "cli/commands.hpp"

namespace meridian::cli {
namespace {

using action = std::function<int(const topology_path&)>;

topology_path default_topology() {
  if (const char* chosen = std::getenv("MERIDIAN_TOPOLOGY")) {
    return chosen;
  }
  const char* home = std::getenv("MERIDIAN_HOME");  // set by the script at the repository's root
  return topology_path(home == nullptr ? "." : home) / "config" / "local.toml";
}

// Declares the commands; each leaves in `chosen` what to run once the line is parsed. Options live as long as the app.
class declarations {
 public:
  declarations(CLI::App& app, action& chosen) : app_(app), chosen_(chosen) {}

  void declare() {
    declare_up();
    declare_down();
    declare_status();
    declare_serve();
    declare_logs();
    declare_sql();
    declare_plan();
    declare_replication();
    declare_failover();
    declare_audit();
    declare_bench();
  }

 private:
  CLI::App* command(CLI::App& parent, const std::string& name, const std::string& what, const std::string& examples) {
    auto* made = parent.add_subcommand(name, what);
    made->footer(examples.empty() ? "" : "Examples:\n" + examples);
    return made;
  }

  template <class Options>
  std::shared_ptr<Options> on(CLI::App* made, int (*run)(const topology_path&, const Options&)) {
    auto options = std::make_shared<Options>();
    made->callback([this, options, run] {
      chosen_ = [options, run](const topology_path& path) { return run(path, *options); };
    });
    return options;
  }

  void declare_up() {
    auto* made = command(
        app_, "up", "Start the local topology: nodes, schema, replication, sample data",
        "  meridian up\n  meridian up --empty\n  meridian --topology my.toml up"
    );
    const auto options = on<cluster::up_options>(made, [](const topology_path& path, const cluster::up_options& given) {
      return up(path, given);
    });
    made->add_flag("--empty", options->empty, "Leave the sample company out, for good");
    made->add_flag(
        "--manual-replication", options->manual_replication,
        "Leave the schema and the replication of deployments 2 and 3 to you"
    );
  }

  void declare_down() {
    auto* made = command(
        app_, "down", "Stop the local topology; its data stays", "  meridian down\n  meridian down --erase --yes"
    );
    const auto options =
        on<down_options>(made, [](const topology_path& path, const down_options& given) { return down(path, given); });
    made->add_flag("--erase", options->erase, "Remove the data too");
    made->add_flag("--yes", options->yes, "Erase without asking");
  }

  void declare_status() {
    auto* made = command(
        app_, "status", "Show nodes, replication and services; exit code 1 when one of them is down",
        "  meridian status --json"
    );
    declare_json(made, status);
  }

  void declare_json(CLI::App* made, int (*run)(const topology_path&, bool)) {
    auto json = std::make_shared<bool>(false);
    made->add_flag("--json", *json, "Print JSON");
    made->callback([this, json, run] { chosen_ = [json, run](const topology_path& path) { return run(path, *json); }; }
    );
  }

  void declare_serve() {
    auto* made = command(
        app_, "serve", "Serve a region over HTTP until SIGTERM, which ends no request early",
        "  meridian serve --region europe\n  meridian serve --region europe --service messaging --port 9081\n"
        "  MERIDIAN_DATABASE_PASSWORD=... MERIDIAN_DIGEST_KEY=... \\\n"
        "  meridian --topology production.toml serve --region asia --listen 0.0.0.0 --port 8080 --drain-delay 10"
    );
    const auto options = on<serve_options>(made, serve);
    made->add_option("--region", options->region, "The region where the process stands")->required();
    made->add_option(
        "--service", options->services, "Only this one: profile, messaging, reminders or status; may be repeated"
    );
    made->add_option("--listen", options->listen, "The address; default: the topology's [[serve]], else 127.0.0.1");
    made->add_option("--port", options->port, "0: one that is free; default: the topology's [[serve]], else 8080")
        ->check(CLI::Range(0, 65535));
    made->add_option("--proxy", options->proxies, "A proxy's address: its X-Forwarded-For is believed; may be repeated")
        ->check(CLI::ValidIPV4);
    made->add_option("--lanes", options->lanes, "Threads; default: one for each CPU that it may run on")
        ->check(CLI::Range(1, 31));
    made->add_option(
            "--registration", options->registration, "Who may make an account; default: open on a local topology"
    )
        ->check(CLI::IsMember({"open", "invited"}));
    made->add_option("--rate-limit", options->rate_limit, "Requests a second of one profile; 0: no limit")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    made->add_option("--watch-interval", options->watch_interval_s, "Seconds between looks at other regions; 0: none")
        ->check(CLI::Range(0.0, 3600.0))
        ->capture_default_str();
    made->add_option(
            "--tail-cache", options->tail_cache_mb, "Megabytes of each thread for the ends of timelines; 0: none"
    )
        ->check(CLI::Range(0, 65536))
        ->capture_default_str();
    made->add_flag(
        "--no-io-uring", options->no_io_uring,
        "Write to live connections one by one, even where the kernel has a way to write to many in one call"
    );
    auto* web = made->add_option("--web", options->web, "The web's files; default: build/web, beside the program");
    made->add_flag("--no-web", options->no_web, "Serve the API alone")->excludes(web);
    made->add_option("--drain-delay", options->drain_delay_s, "Seconds from SIGTERM to the closing of the port")
        ->check(CLI::Range(0.0, 3600.0))
        ->capture_default_str();
  }

  void declare_logs() {
    auto* made = command(
        app_, "logs", "Show the log of a node or of what serves",
        "  meridian logs geo-asia\n  meridian logs serve-europe\n  meridian logs -f agent"
    );
    const auto options = on<logs_options>(made, logs);
    made->add_option("node", options->node, "A node's name or address, serve-REGION, or agent")->required();
    made->add_option("-n,--lines", options->lines, "How many of the last lines")
        ->check(CLI::Range(0, 1000000))
        ->capture_default_str();
    made->add_flag("-f,--follow", options->follow, "Go on as it grows");
  }

  void declare_sql() {
    auto* made = command(
        app_, "sql", "A psql on a node, with credentials in place",
        "  meridian sql 127.0.0.3\n  meridian sql asia -At -c 'SELECT * FROM Workspace_Asia'\n"
        "  meridian sql --role meridian_admin reminders-europe"
    );
    const auto options = on<sql_options>(made, sql);
    made->add_option("--role", options->role, "meridian_adhoc, meridian_service or meridian_admin")
        ->check(CLI::IsMember({"meridian_adhoc", "meridian_service", "meridian_admin"}))
        ->capture_default_str();
    made->add_option("node", options->node, "A node's name, address or region")->required();
    made->add_option("arguments", options->arguments, "For psql");
    made->positionals_at_end();
    made->prefix_command();
  }

  void declare_plan() {
    auto* made = command(
        app_, "plan", "Print every command and statement that sets the topology up, each with why",
        "  meridian --topology config/geo.yugabyte.toml plan"
    );
    const auto plan_given =
        on<plan_options>(made, [](const topology_path& path, const plan_options& given) { return plan(path, given); });
    made->add_flag("--json", plan_given->json, "Print JSON");
    auto* doing = command(
        app_, "apply", "Do what plan prints; on a local topology, bring the schema up to date",
        "  meridian apply\n  meridian apply --deployment status"
    );
    const auto options = on<apply_options>(doing, apply);
    doing->add_option("--deployment", options->deployment, "Only this one");
  }

  void declare_replication() {
    auto* made = command(
        app_, "replication", "Set up, show, pause, resume and repair replication",
        "  meridian replication show\n  meridian replication setup --from status-americas --to status-europe"
    );
    made->require_subcommand(1);
    declare_json(command(*made, "list", "Universe ids and table ids", "  meridian replication list"), replication_list);
    declare_json(
        command(*made, "show", "State and lag of every link", "  meridian replication show --json"), replication_show
    );
    declare_direction(made, "setup", "Set up one direction; running it again changes nothing", replication_setup);
    declare_direction(made, "pause", "Stop applying changes; what arrives meanwhile is kept", replication_pause);
    declare_direction(made, "resume", "Go on after a pause", replication_resume);
    declare_direction(
        made, "repair", "Re-enable a direction that went down and merge what it missed", replication_repair
    );
    auto* watch = command(
        *made, "watch", "Re-enable what goes down until Ctrl-C (the agent does so by itself)",
        "  meridian replication watch"
    );
    watch->callback([this] { chosen_ = replication_watch; });
  }

  void declare_direction(
      CLI::App* parent, const std::string& name, const std::string& what,
      int (*run)(const topology_path&, const direction&)
  ) {
    auto* made =
        command(*parent, name, what, "  meridian replication " + name + " --from status-americas --to status-europe");
    const auto way = on<direction>(made, run);
    made->add_option("--from", way->from, "The node where changes are made")->required();
    made->add_option("--to", way->to, "The node that receives them")->required();
  }

  void declare_failover() {
    auto* made =
        command(app_, "failover", "Let another node take over a deployment's writes", "  meridian failover reminders");
    made->require_subcommand(1);
    auto* reminders = command(
        *made, "reminders",
        "Stop or give up the primary, promote the freshest replica, and tell how long that took; there is no way back "
        "for what only the old primary has (what was acknowledged is on a replica, unless the topology file says "
        "synchronous = false). meridian up lets it rejoin as a replica",
        "  meridian failover reminders --dry-run\n  meridian failover reminders\n"
        "  meridian failover reminders --to reminders-asia --json"
    );
    const auto options = on<failover_options>(reminders, failover);
    options->service = "reminders";
    reminders->add_option("--to", options->to, "The node that is to take over; default: the freshest replica");
    reminders->add_flag("--dry-run", options->dry_run, "Only show what would be done");
    reminders->add_flag("--json", options->json, "Print JSON");
  }

  void declare_audit() {
    auto* made = command(
        app_, "audit", "Prove where rows rest, show who did what", "  meridian audit residency\n  meridian audit log"
    );
    made->require_subcommand(1);
    auto* residency = command(
        *made, "residency",
        "Rows by partition and node, strays, and a search of every node's files; exit code 1 on a stray",
        "  meridian audit residency\n  meridian audit residency --report residency.json\n"
        "  meridian audit residency --json | jq .findings"
    );
    const auto options = on<audit_options>(residency, audit_residency);
    residency->add_flag("--json", options->json, "Print the report as JSON");
    residency->add_option("--report", options->report, "Write the report, signed, to this file");
    auto* verify = command(
        *made, "verify", "Check that this topology signed the report and nobody altered it; exit code 1 otherwise",
        "  meridian audit verify residency.json"
    );
    const auto given = on<verify_options>(verify, audit_verify);
    verify->add_option("file", given->file, "What --report wrote")->required();
    declare_audit_log(*made);
  }

  void declare_audit_log(CLI::App& audit) {
    auto* made = command(
        audit, "log", "Who did what: sign-ins, passwords, and what else is recorded, by region",
        "  meridian audit log --region asia --limit 20\n  meridian audit log --verify"
    );
    const auto options = on<audit_log_options>(made, audit_log);
    made->add_option("--region", options->region, "Only this region's entries");
    made->add_option("--limit", options->limit, "How many of the newest")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    made->add_flag(
        "--verify", options->verify,
        "Compute every hash anew instead; exit code 1 when an entry was altered or is missing"
    );
    made->add_flag("--json", options->json, "Print JSON");
  }

  void declare_bench() {
    auto* made = command(
        app_, "bench",
        "Measure against pgbench, ejabberd and nats-server, in one run, on a topology that is erased afterwards",
        "  meridian bench send --duration 3\n  meridian bench read --json\n  meridian bench fanout\n  meridian bench "
        "idle"
    );
    made->require_subcommand(1);
    auto* send = command(
        *made, "send",
        "Durable posts over HTTP, and the same statement by pgbench; every message is looked for at the end",
        "  meridian bench send\n  meridian bench send --clients 16 --channels 1000 --duration 5\n"
        "  meridian bench send --rows 10000000 --open-loop 5000 --json"
    );
    const auto sending = on<bench_send_options>(send, bench_send);
    declare_bench_options(send, *sending);
    send->add_option("--channels", sending->channels, "How many channels the posts go to; a list: one after the other")
        ->delimiter(',')
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    send->add_option(
            "--open-loop", sending->open_loop, "Posts a second that arrive whether answered or not; 0: no limit"
    )
        ->check(CLI::Range(0.0, 1e6));
    auto* read = command(
        *made, "read",
        "Timelines of 50 messages over HTTP, from the database and from memory, and the query by pgbench",
        "  meridian bench read\n  meridian bench read --clients 64 --rows 10000000 --writes 200"
    );
    const auto reading = on<bench_read_options>(read, bench_read);
    declare_bench_options(read, *reading);
    read->add_option("--channels", reading->channels, "How many channels are read")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    read->add_option("--writes", reading->writes, "Posts a second in the part with writers; 0: without that part")
        ->check(CLI::Range(0.0, 1e5))
        ->capture_default_str();
    declare_live_benches(*made);
    declare_bench_reminders(*made);
  }

  void declare_live_benches(CLI::App& bench) {
    auto* fanout = command(
        bench, "fanout",
        "Deliveries per second of server CPU to 1,000 live connections: ours, a bare send() loop, nats-server, "
        "ejabberd",
        "  meridian bench fanout\n  meridian bench fanout --members 5000 --in-flight 8 --duration 3\n"
        "  meridian bench fanout --without-peers --json"
    );
    const auto fanning = on<bench_fanout_options>(fanout, bench_fanout);
    fanout->add_option("--members", fanning->members, "Connections that get every message")
        ->check(CLI::Range(1, 9000))
        ->capture_default_str();
    fanout->add_option("--channels", fanning->channels, "With all of them in each; messages go to them in turn")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    fanout
        ->add_option("--in-flight", fanning->in_flight, "Messages on their way at a time; a list: one after the other")
        ->delimiter(',')
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    fanout->add_flag(
        "--share-cpus", fanning->share_cpus,
        "Let clients and databases run on the servers' CPUs too; without it the servers have the upper half for "
        "themselves"
    );
    declare_rounds(fanout, *fanning);
    declare_peers(fanout, *fanning);
    auto* idle = command(
        bench, "idle",
        "Resident memory of a live connection, signed in, while nothing happens: ours, nats-server, ejabberd",
        "  meridian bench idle\n  meridian bench idle --connections 5000 --without-peers"
    );
    const auto idling = on<bench_idle_options>(idle, bench_idle);
    idle->add_option("--connections", idling->connections, "How many, as far as `ulimit -n` allows")
        ->check(CLI::Range(10, 100000))
        ->capture_default_str();
    declare_peers(idle, *idling);
  }

  template <class Options>
  static void declare_peers(CLI::App* made, Options& options) {
    made->add_flag("--without-peers", options.without_peers, "Without nats-server and ejabberd, which are packages");
    made->add_option("--region", options.region, "Whose node is measured; default: the topology's first");
    made->add_flag("--json", options.json, "Print JSON");
  }

  static void declare_rounds(CLI::App* made, bench_options& options) {
    made->add_option("--duration", options.duration_s, "Seconds of one round of one side")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    made->add_option("--rounds", options.rounds, "Of each side, in turn")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
  }

  void declare_bench_reminders(CLI::App& bench) {
    auto* made = command(
        bench, "reminders", "Reminders that are due at one moment: how many a second one process delivers",
        "  meridian bench reminders\n  meridian bench reminders --count 100000 --json"
    );
    const auto options = on<bench_reminders_options>(made, bench_reminders);
    made->add_option("--count", options->count, "How many")->check(CLI::Range(1, 1000000))->capture_default_str();
    made->add_option("--rounds", options->rounds, "One after the other")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    made->add_flag("--json", options->json, "Print JSON");
  }

  static void declare_bench_options(CLI::App* made, bench_options& options) {
    made->add_option("--clients", options.clients, "Connections of each side")
        ->check(CLI::Range(1, 190))
        ->capture_default_str();
    declare_rounds(made, options);
    made->add_option("--rows", options.rows, "Messages that are there before, such as 10000000")
        ->check(CLI::Range(0, 100000000))
        ->capture_default_str();
    made->add_option("--region", options.region, "Whose node is measured; default: the topology's first");
    made->add_flag("--json", options.json, "Print JSON");
  }

  CLI::App& app_;
  action& chosen_;
};

}  // namespace

namespace {

const CLI::App& innermost_command(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : innermost_command(*parsed.back());
}

// CLI11 says of an unknown command only that one is missing.
int explain(const CLI::App& app, const CLI::ParseError& failure) {
  const auto unknown = app.remaining(true);
  if (dynamic_cast<const CLI::RequiredError*>(&failure) != nullptr && !unknown.empty() &&
      !unknown[0].starts_with('-')) {
    std::vector<std::string> names;
    for (const auto* known : innermost_command(app).get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(known->get_name());
    }
    if (!names.empty()) {
      fmt::print(
          stderr, "meridian: there is no command {}{}\n  The commands are {}.\n", unknown[0],
          did_you_mean(unknown[0], names), fmt::join(names, ", ")
      );
      return exit_usage;
    }
  }
  return app.exit(failure) == 0 ? exit_done : exit_usage;
}

}  // namespace

int run_command_line(int argument_count, char** arguments) {
  CLI::App app("Meridian: a geo-distributed corporate messenger.\n", "meridian");
  topology_path topology = default_topology();
  bool verbose = false;
  app.add_option("--topology", topology, "The topology file (also MERIDIAN_TOPOLOGY)")->capture_default_str();
  app.add_flag("--verbose", verbose, "Log what happens inside");
  app.require_subcommand(1);
  action chosen;
  declarations commands(app, chosen);  // its callbacks run while parsing
  commands.declare();
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& failure) {
    return explain(app, failure);
  }
  log::set_level(verbose ? log::level::debug : log::level::info);
  return chosen(topology);
}

}  // namespace meridian::cli
