// What resources share that ask the lake: range and log types of a request, an engine for it, and
// how values and notes are written.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"
#include "base/json_text.h"
#include "query/engine.h"
#include "query/pool.h"

namespace yagura::api {

// Screens do not wait longer for an answer.
constexpr std::chrono::seconds kQuickTimeout{20};

// The log types and the range of a body: {types, from, to, since}. The question's text is the
// caller's to set, and must outlive it.
Result<query::Question> question_of(const Call& call, const http::Json& body);

// A time range alone.
Result<TimeRange> range_of(const http::Json& body, Timestamp now);

// An engine for a short question of whoever asks.
Result<query::EnginePool::Lease> quick_lease(const Call& call);

// {"line":1,"column":5,"end_column":9,"severity":"error","message":…,"hint":…}, … The end is that
// of the word in `text` that the note points at.
void append_notes(std::string& out, std::span<const Diagnostic> notes, std::string_view text);

// 400 with what is wrong in a text a person wrote.
http::Response mistake_response(std::span<const Diagnostic> notes, std::string_view text);

// null, true, 42, "text"; integers beyond 2^53 as text, times as ISO 8601.
void append_cell(std::string& out, const sql::Value& value);
// The same as text; empty for null.
std::string cell_text(const sql::Value& value);

// A member that is a text even when it is empty.
void put_text(JsonObject& object, std::string& out, std::string_view key, std::string_view value);
// "2026-11-22T03:04:05.123456Z"
void put_time(JsonObject& object, std::string& out, std::string_view key, Timestamp time);

}  // namespace yagura::api
