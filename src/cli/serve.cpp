// `yagura serve`: the console of a lake, until Ctrl+C or SIGTERM.
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/messages/scan.h"
#include "base/messages/server.h"
#include "base/messages/store.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/geo_option.h"
#include "cli/rule_options.h"
#include "cli/screen.h"
#include "cli/version.h"
#include "server/backend.h"
#include "server/host_name.h"
#include "server/proxies.h"
#include "server/server.h"
#include "server/server_numbers.h"
#include "server/service_manager.h"
#include "server/site.h"

namespace yagura::cli {
namespace {

struct Options {
    std::string lake;
    std::string listen = "127.0.0.1:8686";
    std::vector<std::string> folders;
    std::vector<std::string> hosts;
    std::string certificate;
    std::string key;
    std::vector<std::string> geo;
    std::vector<std::string> proxies;
    RuleOptions choice;
};

Result<std::unique_ptr<server::Backend>> open_backend(const Options& options,
                                                      const Session& session) {
    YAGURA_TRY(auto context, load_context(options.choice, session));
    server::BackendOptions backend;
    backend.lake = options.lake;
    backend.folders = options.folders;
    backend.rules = load_options(options.choice, session);
    backend.policy = std::move(context.policy);
    backend.geo.assign(options.geo.begin(), options.geo.end());
    backend.version = program_version();
    backend.threads = session.threads;
    return server::Backend::open(std::move(backend));
}

// Names a request may call us by. At home on the loopback those of the loopback, so that no page
// from elsewhere can talk to us under its own name.
std::vector<std::string> hosts_of(const Options& options, const server::Endpoint& endpoint) {
    std::vector<std::string> hosts = options.hosts;
    for (std::string& host : hosts) host = server::host_name(host);
    if (!endpoint.is_loopback && hosts.empty()) return hosts;
    for (const char* own : {"localhost", "127.0.0.1", "::1"}) hosts.emplace_back(own);
    hosts.push_back(endpoint.address);
    return hosts;
}

// What became of a certificate that was replaced, on standard error.
void tell_certificate(const Result<void>& renewed) {
    complain(renewed ? say(message::server_certificate_renewed)
                     : say(message::server_certificate_kept, renewed.error().sentence()));
}

Result<server::Options> server_options(const Options& options, const server::Endpoint& endpoint) {
    server::Options made;
    YAGURA_TRY(made.proxies, server::read_proxies(options.proxies));
    made.tell_certificate = tell_certificate;
    made.address = endpoint.address;
    made.port = endpoint.port;
    made.certificate = options.certificate;
    made.key = options.key;
    made.hosts = hosts_of(options, endpoint);
    made.headers = server::security_headers(!options.certificate.empty());
    return made;
}

// What a person can click on.
std::string address_of(const Options& options, const server::Endpoint& endpoint, uint16_t port) {
    std::string host = endpoint.address;
    if (!options.hosts.empty()) {
        host = server::host_name(options.hosts.front());
    } else if (host == "0.0.0.0" || host == "::") {
        char name[256] = {};
        if (gethostname(name, sizeof name - 1) == 0 && name[0]) host = name;
    }
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return fmt::format("{}://{}:{}/", options.certificate.empty() ? "http" : "https", host, port);
}

// Until it is to end. SIGHUP means that files were replaced: certificate, databases of addresses.
void wait_for(const Interrupt& interrupt, server::Server& server, server::Backend& backend) {
    constexpr std::chrono::milliseconds kLook{100};
    const Hangup hangup;
    while (!interrupt.is_set()) {
        std::this_thread::sleep_for(kLook);
        if (!hangup.take()) continue;
        server.renew_certificate();
        backend.renew();
    }
}

int run_serve(const Options& options, const Session& session) {
    const auto endpoint = server::read_endpoint(options.listen);
    if (!endpoint) return complain(endpoint.error()), kUsage;
    if (options.certificate.empty() != options.key.empty())
        return complain(say(message::server_half_tls)), kUsage;
    const auto settings = server_options(options, *endpoint);
    if (!settings) return complain(settings.error()), kUsage;
    const Interrupt interrupt;  // before anybody is told that we run
    const auto manager = server::ServiceManager::from_environment();
    auto backend = open_backend(options, session);
    if (!backend) return complain(backend.error()), kFailed;
    const auto has_administrator = (*backend)->has_administrator();
    if (!has_administrator) return complain(has_administrator.error()), kFailed;
    if (!endpoint->is_loopback && !*has_administrator) {
        return complain(say(message::server_not_yet, options.listen, printable(options.lake))),
               kUsage;
    }
    if (!settings->proxies.empty() && !*has_administrator)
        return complain(say(message::server_proxy_not_yet, printable(options.lake))), kUsage;
    const server::Site site({.services = (*backend)->services(),
                             .metrics = (*backend)->metrics(),
                             .assets = session.assets,
                             .checks = (*backend)->checks(),
                             .version = program_version()});
    auto server = server::Server::start(
        *settings,
        [&](const http::Request& request) { return site.answer(request); },
        server::counting_observer((*backend)->metrics()));
    if (!server) return complain(server.error()), kFailed;
    server::add_server_numbers((*backend)->metrics(), **server);
    fmt::print("{}\n",
               say(message::server_address, address_of(options, *endpoint, (*server)->port())));
    if (!session.quiet && !*has_administrator) fmt::print("{}\n", say(message::server_setup_mode));
    std::fflush(stdout);
    manager.tell("READY=1");
    wait_for(interrupt, **server, **backend);
    manager.tell("STOPPING=1");
    if (!session.quiet) complain(say(message::server_stopping));
    (*backend)->stop();
    (*server)->stop();
    return interrupt.was_terminated() ? kOk : kInterrupted;
}

}  // namespace

void add_serve(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("serve", say(message::serve_help));
    command->add_option("--lake", options->lake, say(message::serve_opt_lake))->required();
    command->add_option("--listen", options->listen, say(message::serve_opt_listen));
    command->add_option("--watch", options->folders, say(message::serve_opt_watch))
        ->allow_extra_args(false);
    add_rule_options(*command, options->choice);
    add_geo_option(*command, options->geo);
    command->add_option("--host", options->hosts, say(message::serve_opt_host))
        ->allow_extra_args(false);
    command->add_option("--trusted-proxy", options->proxies, say(message::serve_opt_proxy))
        ->allow_extra_args(false);
    command->add_option("--tls-cert", options->certificate, say(message::serve_opt_tls_cert));
    command->add_option("--tls-key", options->key, say(message::serve_opt_tls_key));
    command->callback([options, &session] { session.exit_code = run_serve(*options, session); });
}

}  // namespace yagura::cli
