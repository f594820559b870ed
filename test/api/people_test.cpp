// Being signed in, users, tokens and the audit log, as the browser sees them.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "api/api.h"
#include "api/audited.h"
#include "api/identity.h"
#include "http/json.h"

using namespace yagura;
using http::Method;

namespace {

constexpr std::string_view kPassword = "correct horse battery";

// What a browser, or a program, sends along.
struct Sender {
    http::Pairs headers;
    std::string peer = "127.0.0.1";
    bool is_secure = false;
};

struct Answer {
    int status = 0;
    http::Json json;
    std::string cookie;  // Set-Cookie
    std::string body;

    std::string error() const {
        const http::Json* problem = json.find("error");
        return problem ? std::string(problem->text("code")) : "";
    }
};

struct Console {
    std::filesystem::path lake;
    std::unique_ptr<auth::Gate> gate;
    Timestamp now = from_micros(1'795'000'000'000'000);
    api::Services services;
    api::Api api{services};

    Console() {
        static int count = 0;
        lake = std::filesystem::temp_directory_path() /
               fmt::format("yagura_people_{}_{}", getpid(), count++);
        auth::Gate::Options options;
        options.clock = [this] { return now; };
        options.hashing.passes = 1;
        options.hashing.memory_bytes = 8192;
        auto opened = auth::Gate::open(lake, options);
        REQUIRE(opened.has_value());
        gate = std::move(*opened);
        services.now = options.clock;
        services.version = "1.2.3";
        services.gate = gate.get();
        services.identify = [this](const http::Request& request) {
            return api::identify(*gate, request);
        };
    }
    ~Console() {
        gate.reset();
        std::filesystem::remove_all(lake);
    }

    Answer ask(Method method,
               std::string_view target,
               const Sender& sender = {},
               std::string body = {}) {
        http::Request request;
        request.method = method;
        REQUIRE(http::read_target("/api/v1" + std::string(target), request));
        request.headers = sender.headers;
        if (request.header("host").empty()) request.headers.emplace_back("host", "localhost:8686");
        request.peer = sender.peer;
        request.is_secure = sender.is_secure;
        request.body = std::move(body);
        const http::Response response = api.answer(request).response;
        Answer answer{response.status, {}, "", response.body};
        for (const auto& [name, value] : response.headers)
            if (name == "set-cookie") answer.cookie = value;
        auto json = http::Json::parse(response.body);
        REQUIRE(json);
        answer.json = std::move(*json);
        return answer;
    }

    // A browser that is signed in.
    Sender browser(std::string_view name) {
        const Answer answer =
            ask(Method::post,
                "/login",
                {},
                fmt::format(R"({{"name":"{}","password":"{}"}})", name, kPassword));
        REQUIRE(answer.status == 200);
        return with(answer);
    }
    static Sender with(const Answer& answer) {
        return {{{"cookie", answer.cookie.substr(0, answer.cookie.find(';'))},
                 {"x-yagura-csrf", std::string(answer.json.text("csrf"))}}};
    }
    // The first administrator, signed in.
    Sender set_up() {
        const Answer session = ask(Method::get, "/session");
        const Answer answer =
            ask(Method::post,
                "/setup/password",
                {{{"x-yagura-csrf", std::string(session.json.text("csrf"))}}},
                fmt::format(R"({{"name":"root","password":"{}","language":"ja"}})", kPassword));
        REQUIRE(answer.status == 200);
        return with(answer);
    }
    void add(const Sender& admin, std::string_view name, std::string_view role) {
        const auto body =
            fmt::format(R"({{"name":"{}","password":"{}","role":"{}","accounts":null}})",
                        name,
                        kPassword,
                        role);
        REQUIRE(ask(Method::post, "/users", admin, body).status == 200);
    }
};

}  // namespace

TEST_CASE("before there is an administrator everyone at this machine is one, and nobody else is") {
    Console console;
    const Answer session = console.ask(Method::get, "/session");
    CHECK(session.json.boolean("authenticated"));
    CHECK(session.json.boolean("setup_required"));
    CHECK(session.json.text("name") == "local");
    CHECK(session.json.text("role") == "admin");
    CHECK(session.json.find("accounts")->is_null());
    CHECK(session.json.text("version") == "1.2.3");

    const Answer remote = console.ask(Method::get, "/session", {{}, "192.0.2.1"});
    CHECK(!remote.json.boolean("authenticated", true));
    CHECK(remote.json.find("csrf") == nullptr);
    CHECK(console.ask(Method::get, "/users", {{}, "192.0.2.1"}).status == 401);
    CHECK(console.ask(Method::get, "/users").status == 200);
    CHECK(console.ask(Method::get, "/users", {{}, "::1"}).status == 200);
}

TEST_CASE("before there is an administrator a page elsewhere cannot act under another name") {
    Console console;
    for (const char* host :
         {"evil.example", "evil.example:8686", "127.0.0.1.evil.example", "[", ""}) {
        CAPTURE(host);
        const Sender sender{{{"host", host[0] ? host : " "}}};
        CHECK(console.ask(Method::get, "/users", sender).status == 401);
    }
    for (const char* host : {"localhost", "LOCALHOST:80", "127.0.0.1:8686", "[::1]:8686"}) {
        CAPTURE(host);
        CHECK(console.ask(Method::get, "/users", {{{"host", host}}}).status == 200);
    }
    // And without the token of the page it changes nothing.
    const auto body = fmt::format(R"({{"name":"root","password":"{}"}})", kPassword);
    CHECK(console.ask(Method::post, "/setup/password", {}, body).error() == "forbidden");
    CHECK(console.ask(Method::get, "/session").json.boolean("setup_required"));
}

TEST_CASE("setting up signs in, and from then on everyone has to") {
    Console console;
    const Sender root = console.set_up();
    CHECK(console.ask(Method::get, "/users").status == 401);
    const Answer session = console.ask(Method::get, "/session", root);
    CHECK(session.json.boolean("authenticated"));
    CHECK(!session.json.boolean("setup_required", true));
    CHECK(session.json.text("name") == "root");
    CHECK(session.json.text("language") == "ja");
    CHECK(console
              .ask(Method::post,
                   "/setup/password",
                   root,
                   R"({"name":"b","password":"another one here"})")
              .error() == "conflict");
}

TEST_CASE("the cookie is out of reach for scripts, and bound to the host under TLS") {
    Console console;
    console.set_up();
    const auto body = fmt::format(R"({{"name":"root","password":"{}"}})", kPassword);
    const Answer plain = console.ask(Method::post, "/login", {}, body);
    CHECK(plain.cookie.find("yagura_session=") == 0);
    CHECK(plain.cookie.find("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict") !=
          std::string::npos);
    CHECK(plain.cookie.find("Secure") == std::string::npos);
    CHECK(plain.body.find(plain.cookie.substr(15, 43)) == std::string::npos);
    Sender tls;
    tls.is_secure = true;
    const Answer secure = console.ask(Method::post, "/login", tls, body);
    CHECK(secure.cookie.find("__Host-yagura_session=") == 0);
    CHECK(secure.cookie.find("; Secure") != std::string::npos);
}

TEST_CASE("a wrong password and too many of them") {
    Console console;
    console.set_up();
    const std::string wrong = R"({"name":"root","password":"not this one"})";
    for (int i = 0; i < 4; ++i) {
        const Answer answer = console.ask(Method::post, "/login", {}, wrong);
        CHECK(answer.status == 401);
        CHECK(answer.cookie.empty());
    }
    const Answer answer = console.ask(Method::post, "/login", {}, wrong);
    CHECK(answer.status == 429);
    CHECK(answer.error() == "throttled");
    CHECK(console.ask(Method::post, "/login", {}, R"({"name":5,"password":"x"})").status == 400);
    CHECK(console.ask(Method::post, "/login", {}, "{}").status == 400);
}

TEST_CASE("a change needs the token of the session and our own page") {
    Console console;
    Sender root = console.set_up();
    Sender bare{{root.headers[0]}};
    CHECK(console.ask(Method::post, "/logout", bare).error() == "forbidden");
    Sender foreign = root;
    foreign.headers.emplace_back("origin", "https://evil.example");
    CHECK(console.ask(Method::post, "/logout", foreign).error() == "forbidden");
    const Answer other = console.ask(Method::get, "/session", console.browser("root"));
    Sender mixed{{root.headers[0], {"x-yagura-csrf", std::string(other.json.text("csrf"))}}};
    CHECK(console.ask(Method::post, "/logout", mixed).error() == "forbidden");
    CHECK(console.ask(Method::get, "/session", root).json.boolean("authenticated"));
}

TEST_CASE("signing out ends the session on the server") {
    Console console;
    const Sender root = console.set_up();
    const Answer out = console.ask(Method::post, "/logout", root);
    CHECK(out.status == 200);
    CHECK(out.cookie.find("yagura_session=; ") == 0);
    CHECK(out.cookie.find("Max-Age=0") != std::string::npos);
    CHECK(!console.ask(Method::get, "/session", root).json.boolean("authenticated", true));
}

TEST_CASE("users are made, changed and removed by administrators only") {
    Console console;
    const Sender root = console.set_up();
    const std::string mika =
        R"({"name":"Mika","password":"correct horse battery","role":"analyst","accounts":["222222222222","111111111111"]})";
    const Answer made = console.ask(Method::post, "/users", root, mika);
    CHECK(made.json.text("name") == "mika");
    CHECK(made.json.texts("accounts") == std::vector<std::string>{"111111111111", "222222222222"});
    CHECK(!made.json.boolean("disabled", true));
    CHECK(console.ask(Method::post, "/users", root, mika).error() == "conflict");

    const Sender analyst = console.browser("mika");
    for (const auto& [method, target] : {std::pair{Method::get, "/users"},
                                         {Method::post, "/users"},
                                         {Method::patch, "/users/mika"},
                                         {Method::del, "/users/root"},
                                         {Method::get, "/audit"}}) {
        CAPTURE(target);
        CHECK(console.ask(method, target, analyst).error() == "forbidden");
    }
    const Answer changed =
        console.ask(Method::patch, "/users/mika", root, R"({"role":"responder","accounts":null})");
    CHECK(changed.json.text("role") == "responder");
    CHECK(console.ask(Method::get, "/session", analyst).json.text("role") == "responder");
    CHECK(console.ask(Method::patch, "/users/mika", root, R"({"disabled":true})").status == 200);
    CHECK(!console.ask(Method::get, "/session", analyst).json.boolean("authenticated", true));
    CHECK(console.ask(Method::del, "/users/mika", root).status == 200);
    CHECK(console.ask(Method::del, "/users/mika", root).error() == "not_found");
    CHECK(console.ask(Method::get, "/users", root).json.list("items").size() == 1);
    CHECK(console.ask(Method::del, "/users/root", root).error() == "conflict");
}

TEST_CASE("what is no user is refused, member by member") {
    Console console;
    const Sender root = console.set_up();
    for (const char* body :
         {R"({"name":"a","password":"correct horse battery"})",
          R"({"name":"a","password":"short","accounts":null})",
          R"({"name":"a b","password":"correct horse battery","accounts":null})",
          R"({"name":"a","password":"correct horse battery","accounts":"111111111111"})",
          R"({"name":"a","password":"correct horse battery","accounts":[1]})",
          R"({"name":"a","password":"correct horse battery","accounts":[]})",
          R"({"name":"a","password":"correct horse battery","accounts":["'; DROP TABLE people"]})",
          R"({"name":"a","password":"correct horse battery","accounts":null,"role":"owner"})",
          R"({"name":"a","password":"correct horse battery","accounts":null,"language":"fr"})",
          R"({"name":"a","password":"correct horse battery","accounts":["1"],"role":"admin"})"}) {
        CAPTURE(body);
        CHECK(console.ask(Method::post, "/users", root, body).error() == "invalid");
    }
    CHECK(console.ask(Method::patch, "/users/root", root, R"({"disabled":"yes"})").error() ==
          "invalid");
}

TEST_CASE("one changes one's own password knowing the current one") {
    Console console;
    const Sender root = console.set_up();
    const Sender other = console.browser("root");
    CHECK(console
              .ask(Method::post,
                   "/password",
                   root,
                   R"({"current":"no idea at all","new":"a new one for me"})")
              .error() == "invalid");
    const Answer changed =
        console.ask(Method::post,
                    "/password",
                    root,
                    fmt::format(R"({{"current":"{}","new":"a new one for me"}})", kPassword));
    CHECK(changed.status == 200);
    CHECK(
        console.ask(Method::get, "/session", Console::with(changed)).json.boolean("authenticated"));
    CHECK(!console.ask(Method::get, "/session", root).json.boolean("authenticated", true));
    CHECK(!console.ask(Method::get, "/session", other).json.boolean("authenticated", true));
}

TEST_CASE("sessions: one's own are seen and ended, an administrator's hand reaches all") {
    Console console;
    const Sender root = console.set_up();
    console.add(root, "mika", "viewer");
    console.add(root, "ken", "viewer");
    const Sender mika = console.browser("mika");
    const Sender ken = console.browser("ken");
    const Answer mine = console.ask(Method::get, "/sessions", mika);
    REQUIRE(mine.json.list("items").size() == 1);
    CHECK(mine.json.list("items")[0].boolean("current"));
    const auto of_ken =
        std::string(console.ask(Method::get, "/sessions", ken).json.list("items")[0].text("id"));
    CHECK(console.ask(Method::del, "/sessions/" + of_ken, mika).error() == "not_found");
    CHECK(console.ask(Method::get, "/sessions", root).json.list("items").size() == 1);
    CHECK(console.ask(Method::get, "/sessions?all=true", root).json.list("items").size() == 3);
    CHECK(console.ask(Method::get, "/sessions?all=true", mika).error() == "forbidden");
    CHECK(console.ask(Method::del, "/sessions/" + of_ken, root).status == 200);
    CHECK(!console.ask(Method::get, "/session", ken).json.boolean("authenticated", true));
}

TEST_CASE("a program with a token needs no CSRF token, and makes itself no more of them") {
    Console console;
    const Sender root = console.set_up();
    const Answer made = console.ask(
        Method::post, "/tokens", root, R"({"label":"export","expires":"2027-01-01T00:00:00Z"})");
    REQUIRE(made.status == 200);
    const auto secret = std::string(made.json.text("secret"));
    CHECK(secret.starts_with("yag_"));
    const Sender program{{{"authorization", "Bearer " + secret}}, "192.0.2.9"};
    CHECK(console.ask(Method::get, "/users", program).status == 200);
    CHECK(console.ask(Method::get, "/session", program).json.find("csrf") == nullptr);
    const auto body = R"({"name":"a","password":"correct horse battery","accounts":null})";
    CHECK(console.ask(Method::post, "/users", program, body).status == 200);
    CHECK(console.ask(Method::post, "/tokens", program, R"({"label":"more"})").error() ==
          "forbidden");
    CHECK(console.ask(Method::post, "/password", program, "{}").error() == "forbidden");

    const Answer listed = console.ask(Method::get, "/tokens", root);
    CHECK(listed.body.find(secret) == std::string::npos);
    const auto id = std::string(listed.json.list("items")[0].text("id"));
    CHECK(console.ask(Method::del, "/tokens/" + id, root).status == 200);
    CHECK(console.ask(Method::get, "/users", program).error() == "unauthorized");
    for (const char* header : {"Basic cm9vdDpyb290", "Bearer", "Bearer yag_", "Bearer x"}) {
        CAPTURE(header);
        CHECK(console.ask(Method::get, "/users", {{{"authorization", header}}}).status == 401);
    }
}

TEST_CASE("a token beyond its owner is refused") {
    Console console;
    const Sender root = console.set_up();
    console.add(root, "mika", "viewer");
    const Sender mika = console.browser("mika");
    CHECK(console.ask(Method::post, "/tokens", mika, R"({"label":"x","role":"admin"})").error() ==
          "forbidden");
    CHECK(console.ask(Method::post, "/tokens", mika, R"({"label":"x","role":"viewer"})").status ==
          200);
}

TEST_CASE("what people do is in the audit log, newest first, by page") {
    Console console;
    const Sender root = console.set_up();
    console.add(root, "mika", "analyst");
    const Answer log = console.ask(Method::get, "/audit?limit=2", root);
    CHECK(log.json.boolean("chain_ok"));
    CHECK(log.json.integer("total") == 3);
    REQUIRE(log.json.list("items").size() == 2);
    const http::Json& newest = log.json.list("items")[0];
    CHECK(newest.text("action") == "user.add");
    CHECK(newest.text("who") == "root");
    CHECK(newest.text("target") == "mika");
    CHECK(newest.text("address") == "127.0.0.1");
    const Answer rest = console.ask(Method::get, "/audit?limit=2&offset=2", root);
    REQUIRE(rest.json.list("items").size() == 1);
    CHECK(rest.json.list("items")[0].text("action") == "setup");
    CHECK(console.ask(Method::get, "/audit?limit=1001", root).status == 400);
}

TEST_CASE("other resources write to the audit log in one line") {
    Console console;
    console.set_up();
    http::Request request;
    request.peer = "192.0.2.5";
    const auth::Principal who{.name = "mika"};
    const api::Call call{request, who, console.services, {}};
    CHECK(api::audit(call, "rule.disable", "r-1", "noisy").has_value());
    const auto page = console.gate->audit().page(1, 0);
    REQUIRE(page);
    CHECK(page->rows[0].entry.who == "mika");
    CHECK(page->rows[0].entry.address == "192.0.2.5");
    CHECK(page->rows[0].entry.detail == "noisy");
}
