// What several log types do to complete an event: its time, and fields derived from others.
#pragma once

#include <string_view>

#include "base/arena.h"
#include "event/event.h"
#include "logtype/log_type.h"

namespace yagura::logtype {

// Sets event.time from the ISO or epoch text of `slot`, else from the envelope; marks the oddity.
void read_time(event::Event& event, event::SlotId slot, const RecordContext& context);

// Sets a derived field; an empty text leaves it absent. `text` must outlive the event (arena or
// record).
void set_text(event::Event& event, event::SlotId slot, std::string_view text);

// Fills a field the record lacks from its envelope.
void fill_from_context(event::Event& event, event::SlotId slot, std::string_view text);

// Whether `part` occurs in `text`; quicker than find() for parts that begin with a common letter,
// as quoted keys do.
bool has(std::string_view text, std::string_view part);

// `a` + `between` + `b`, in the arena.
std::string_view join(Arena& arena,
                      std::string_view a,
                      std::string_view between,
                      std::string_view b);

// The first string under `key` inside a JSON object or array ("ARN" in resources), one or two
// levels down.
std::string_view member_text(const event::ValueView& json, std::string_view key, Arena& arena);

}  // namespace yagura::logtype
