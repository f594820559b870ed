// Inside query/ only: hands the rows of one statement to the sink, a block at a time, messages
// filled in.
#pragma once

#include <cstdint>
#include <vector>

#include "query/engine_impl.h"
#include "query/sql_text.h"

namespace yagura::query {

class Delivery {
  public:
    Delivery(Engine::Impl& impl,
             const store::Snapshot& snapshot,
             const Plan& plan,
             const RowSink& sink,
             Answer& answer)
        : impl_(impl), snapshot_(snapshot), plan_(plan), sink_(sink), answer_(answer) {}

    // Reads until the answer has `limit` rows; sets Answer::limited when there was one more. False
    // when the sink, or the limit, has had enough.
    Result<bool> run(const Piece& piece, uint64_t limit);

  private:
    Result<bool> deliver(const sql::Rows& rows,
                         const SqlText& text,
                         const Segments& segments,
                         uint64_t limit);
    Result<void> fill_messages(const sql::Rows& rows,
                               const SqlText& text,
                               const Segments& segments,
                               std::vector<sql::Value>& cells);

    Engine::Impl& impl_;
    const store::Snapshot& snapshot_;
    const Plan& plan_;
    const RowSink& sink_;
    Answer& answer_;
};

}  // namespace yagura::query
