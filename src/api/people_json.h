// What the resources about people read and write alike.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/principal.h"
#include "base/account_scope.h"
#include "base/json_text.h"
#include "base/result.h"
#include "base/time.h"
#include "http/json.h"
#include "http/message.h"

namespace yagura::api {

// ["111122223333"], or null for all.
void write_accounts(JsonObject& row, std::string& out, const AccountScope& accounts);
// A text that is there even when it is empty.
void write_text(JsonObject& row, std::string& out, std::string_view key, std::string_view text);
// Nothing when there is no time.
void write_time(JsonObject& row, std::string_view key, const std::optional<Timestamp>& time);

// Members of a body: nullopt when absent, Code::invalid when they are something else.
Result<std::optional<auth::Role>> read_role(const http::Json& body);
// `accounts`: a list of ids, or null for all.
Result<std::optional<AccountScope>> read_accounts(const http::Json& body);
// The same, said: nobody is to see everything because somebody forgot to say otherwise.
Result<AccountScope> need_accounts(const http::Json& body);
Result<std::optional<std::string>> read_text(const http::Json& body, std::string_view key);
Result<std::optional<bool>> read_boolean(const http::Json& body, std::string_view key);
// A time or null, which counts as absent.
Result<std::optional<Timestamp>> read_time(const http::Json& body, std::string_view key);
// A text that has to be there.
Result<std::string> need_text(const http::Json& body, std::string_view key);

// An answer nobody may keep.
http::Response private_json(std::string body);

}  // namespace yagura::api
