// Browsers that are signed in. A session is a random reference in a cookie; what it may do is
// looked up at each request, so that a person who is disabled or made less notices at once.
//
//   YAGURA_TRY(const NewSession session, sessions.open(identity, client));   // session.secret →
//   cookie YAGURA_TRY(const auto who, sessions.find(cookie));                       // nullopt: not
//   signed in
//
// A session ends half an hour after its last use, twelve hours after its beginning, when it is
// revoked, and when the person has opened too many others since. Last use is kept to the minute.
// Thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/audit.h"
#include "auth/file.h"
#include "auth/people.h"
#include "auth/principal.h"

namespace yagura::auth {

// Somebody whose identity was proven, by whatever way: the seam for other ways than passwords. What
// they may do is not part of it; people.h says that.
struct Identity {
    std::string name;
    std::string way = "password";  // for the audit log
};

// The other end of a connection.
struct Client {
    std::string address;
    std::string user_agent = {};
};

struct NewSession {
    std::string secret;  // for the cookie and nothing else
    Principal who;
};

struct SessionRow {
    std::string id;
    std::string name;
    std::string address;
    std::string user_agent;
    Timestamp created;
    Timestamp last_used;
};

class Sessions {
  public:
    struct Options {
        std::chrono::minutes idle{30};
        std::chrono::minutes longest{12 * 60};
        size_t most_per_person = 10;
    };

    Sessions(File& file, AuditLog& audit, const Options& options)
        : file_(file), audit_(audit), options_(options) {}

    // Always a new reference; the session of `replaced`, a cookie the browser had, ends.
    // Code::not_found when there is no such person or they are disabled.
    Result<NewSession> open(const Identity& identity,
                            const Client& client,
                            std::string_view replaced = {});

    // Whose session this is; nullopt when it is none, over, or its person disabled. Counts as use.
    Result<std::optional<Principal>> find(std::string_view secret);

    // Newest use first; of everybody when `name` is empty.
    Result<std::vector<SessionRow>> list(std::string_view name);

    // Ends one session; only of `owner` unless that is empty. Code::not_found when there is none.
    Result<void> revoke(std::string_view id, std::string_view owner, const Actor& actor);
    // Signs out.
    Result<void> close(std::string_view secret, const Actor& actor);

  private:
    Timestamp idle_since() const { return file_.now() - options_.idle; }
    Timestamp begun_since() const { return file_.now() - options_.longest; }
    Result<void> clean(sqlite::Database& database, int64_t person);
    Result<void> touch(std::string_view secret, Timestamp last_used);

    File& file_;
    AuditLog& audit_;
    Options options_;
};

}  // namespace yagura::auth
