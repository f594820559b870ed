// Containers are opened one inside the other by recursion, four archives and as many compressions
// deep at most; the innermost bytes are text, and JsonReader or read_lines() take it apart.
#include "decode/record_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"
#include "decode/archive.h"
#include "decode/buffer.h"
#include "decode/charset.h"
#include "decode/delivery.h"
#include "decode/inflate.h"
#include "decode/json_reader.h"
#include "decode/line_reader.h"
#include "decode/stream.h"
#include "decode/text_window.h"

namespace yagura::decode {
namespace {

constexpr size_t kKeptBuffer = size_t{64} << 20;
constexpr uint32_t kMaxArchives = 4;
constexpr uint32_t kMaxLayers = 8;
constexpr size_t kProbeBytes = 4096;

}  // namespace

struct RecordReader::Buffers {
    GzipInflater gzip;
    Buffer inflated;
    Buffer text;
    event::JsonDocument document;
};

namespace {

enum class Kind : uint8_t { json, lines, lone_scalar, binary };

bool is_binary(std::string_view text) {
    const std::string_view probe = text.substr(0, kProbeBytes);
    size_t controls = 0;
    for (const char c : probe) {
        if (c == '\0') return true;
        const auto byte = static_cast<uint8_t>(c);
        if (byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\x1B') ++controls;
    }
    return controls * 10 > probe.size();
}

// True when `text` begins with a value whose grammar is good as far as it matters here. `whole`:
// and nothing follows it.
bool is_json(std::string_view text, bool whole, event::JsonDocument& document) {
    Buffer copy;
    copy.assign(is_valid_utf8(text) ? std::string(text) : repair_utf8(text));
    if (document.index(copy.view()) || document.size() == 0) return false;
    uint32_t at = 0;
    const auto fault = document.skip(at);
    if (fault) return fault->code != FaultCode::bad_json;
    return !whole || at == document.size();
}

// What text begins with, blanks removed. A bracket may open a log line too: "[2024-07-31 12:00] …".
Kind kind_of(std::string_view text, bool is_all, event::JsonDocument& document) {
    if (text.front() == '{') return Kind::json;
    if (text.front() == '[') {
        const std::string_view inside = trim(text.substr(1, kProbeBytes));
        if (inside.empty() || inside[0] == '{' || inside[0] == ']') return Kind::json;
        PieceScanner scanner(PieceScanner::Place::array, {}, true);
        const size_t end = scanner.scan(text, 0);
        const bool closed = end != PieceScanner::npos;
        if (closed && is_json(text.substr(0, end), true, document)) return Kind::json;
    } else if (is_all && is_json(trim(text), true, document)) {
        return Kind::lone_scalar;
    }
    return is_binary(text) ? Kind::binary : Kind::lines;
}

// Reads one object, layer by layer.
class ObjectReading {
  public:
    ObjectReading(const ReadOptions& options,
                  GzipInflater& gzip,
                  Buffer& inflated,
                  Buffer& text,
                  event::JsonDocument& document,
                  RecordSink& sink,
                  const source::Input& input)
        : options_(options),
          gzip_(gzip),
          inflated_(inflated),
          text_(text),
          document_(document),
          budget_(input, options.max_ratio),
          delivery_(sink, stats_),
          name_(input.object().path) {
        delivery_.origin().object = name_;
    }

    // A gzip that lies in memory is inflated in one go when it is small enough.
    void read_loaded(std::string_view bytes) {
        if (recognise_container(bytes.substr(0, kMagicBytes)) == Container::gzip &&
            read_gzip_at_once(bytes)) {
            return;
        }
        MemoryStream stream(bytes);
        read_layer(stream, {});
    }

    // What a stream lies in.
    struct Depth {
        uint32_t layers = 0;
        uint32_t archives = 0;
        bool is_inflated = false;
    };

    void read_layer(Stream& stream, Depth depth) {
        const Container container = recognise_container(stream.peek(kMagicBytes));
        if (container == Container::plain) return read_member(stream, depth.is_inflated);
        const bool is_archive = container == Container::tar || container == Container::zip;
        if (depth.layers >= kMaxLayers || (is_archive && depth.archives >= kMaxArchives)) {
            return delivery_.object_fault({FaultCode::nested_too_deep, 0});
        }
        ++depth.layers;
        depth.is_inflated = depth.is_inflated || container != Container::tar;
        if (is_archive) {
            ++depth.archives;
            return read_archive(container, stream, depth);
        }
        const auto inflated = open_inflater(container, stream, budget_);
        read_layer(*inflated, depth);
        report(*inflated);
    }

    ReadStats& stats() { return stats_; }
    Delivery& delivery() { return delivery_; }

  private:
    bool read_gzip_at_once(std::string_view bytes) {
        const uint64_t room = budget_.room(bytes.size(), 0);
        const size_t limit = static_cast<size_t>(
            std::min<uint64_t>({room, options_.whole_bytes, options_.max_inflated_bytes}));
        const auto outcome = gzip_.inflate(bytes, inflated_, limit);
        if (outcome == GzipInflater::Outcome::stream) return false;
        budget_.add(inflated_.size());
        MemoryStream inner(inflated_.view());
        read_layer(inner, {.layers = 1, .archives = 0, .is_inflated = true});
        if (outcome == GzipInflater::Outcome::garbage) {
            delivery_.object_fault({FaultCode::trailing_garbage, inflated_.size()});
        }
        return true;
    }

    void read_archive(Container kind, Stream& stream, Depth depth) {
        Archive archive(kind, stream, budget_);
        const size_t name_size = name_.size();
        bool is_empty = true;
        while (!delivery_.stop() && archive.next()) {
            is_empty = false;
            name_.resize(name_size);
            name_ += '!';
            name_ += archive.name();
            delivery_.origin().object = name_;
            read_layer(archive.member(), depth);
            report(archive.member());
        }
        name_.resize(name_size);
        delivery_.origin().object = name_;
        if (is_empty && !archive.fault()) delivery_.object_fault({FaultCode::empty_object, 0});
        if (archive.fault()) delivery_.object_fault(*archive.fault());
    }

    void read_member(Stream& stream, bool is_inflated) {
        if (!is_inflated) return read_text(stream);
        LimitedStream limited(stream, options_.max_inflated_bytes);
        read_text(limited);
        report(limited);
    }

    void read_text(Stream& stream) {
        const Charset charset = recognise_charset(stream.peek(4));
        if (charset == Charset::utf16_big || charset == Charset::utf16_little) {
            delivery_.origin().repaired = true;
            const auto utf8 = open_utf16(charset, stream);
            read_utf8(*utf8, false);
            delivery_.origin().repaired = false;
        } else {
            read_utf8(stream, charset == Charset::utf8_with_mark);
        }
    }

    void read_utf8(Stream& stream, bool has_mark) {
        TextWindow window(stream, text_);
        constexpr size_t kMarkBytes = 3;
        window.grow(std::max(options_.window_bytes, kMarkBytes));
        if (has_mark) {
            window.drop(kMarkBytes);
            delivery_.repair_next();
        }
        find_start(window);
        if (window.text().empty()) {
            // Nothing at all because the container is damaged is told by the container.
            if (!window.is_damaged()) delivery_.object_fault({FaultCode::empty_object, 0});
        } else {
            read_shape(window);
        }
        stats_.bytes_inflated += window.offset() + window.text().size();
    }

    // Drops leading blanks and sees to it that there is enough text to tell what it is.
    void find_start(TextWindow& window) {
        do {
            const std::string_view text = window.text();
            const std::string_view rest = trim(text);
            window.drop(rest.empty() ? text.size()
                                     : static_cast<size_t>(rest.data() - text.data()));
        } while (window.text().size() < options_.probe_bytes &&
                 window.grow(std::max(options_.window_bytes, window.text().size())));
    }

    void read_shape(TextWindow& window) {
        const std::string_view text = window.text().substr(0, options_.probe_bytes);
        const bool is_all = window.at_end() && text.size() == window.text().size();
        switch (kind_of(text, is_all, document_)) {
            case Kind::json:
                return JsonReader(window, delivery_, document_, options_.window_bytes).run();
            case Kind::lines:
                return read_lines(window, delivery_, options_.window_bytes);
            case Kind::lone_scalar: {
                const Fault fault{FaultCode::not_a_record, window.offset()};
                return delivery_.record_fault(fault, window.offset(), trim(text));
            }
            case Kind::binary:
                return delivery_.object_fault({FaultCode::unknown_type, window.offset()}, text);
        }
    }

    void report(const Stream& layer) {
        if (layer.fault()) delivery_.object_fault(*layer.fault());
    }

    const ReadOptions& options_;
    GzipInflater& gzip_;
    Buffer& inflated_;
    Buffer& text_;
    event::JsonDocument& document_;
    InflateBudget budget_;
    ReadStats stats_;
    Delivery delivery_;
    std::string name_;
};

}  // namespace

RecordReader::RecordReader(ReadOptions options)
    : options_(options), buffers_(std::make_unique<Buffers>()) {}
RecordReader::~RecordReader() = default;
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;

Result<ReadStats> RecordReader::read(const source::Object& object, RecordSink& sink) {
    YAGURA_TRY(source::Input input, source::Input::open(object));
    return read(input, sink);
}

Result<ReadStats> RecordReader::read(source::Input& input, RecordSink& sink) {
    YAGURA_TRY(const std::string_view loaded, input.load());
    Buffers& buffers = *buffers_;
    ObjectReading reading(
        options_, buffers.gzip, buffers.inflated, buffers.text, buffers.document, sink, input);
    if (input.is_whole()) {
        reading.read_loaded(loaded);
    } else {
        InputStream stream(input);
        reading.read_layer(stream, {});
        if (stream.fault()) reading.delivery().object_fault(*stream.fault());
    }
    buffers.inflated.shrink(kKeptBuffer);
    buffers.text.shrink(kKeptBuffer);
    reading.stats().bytes_in = input.bytes_read();
    return reading.stats();
}

Result<ReadStats> read_records(const source::Object& object,
                               RecordSink& sink,
                               const ReadOptions& options) {
    return RecordReader(options).read(object, sink);
}

}  // namespace yagura::decode
