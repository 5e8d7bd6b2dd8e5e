/// A price field of LiteLLM's catalogue taken apart: which rate, above how much input, for which class.
///
/// Grammar (`model_prices_and_context_window.schema.json`, and the file of release 1.106.2): a base name, then
/// `_above_{128k,200k,256k,272k,512k}_tokens`, then `_batches`, `_flex` or `_priority`. `_above_1hr` is no threshold but how long
/// a cache write lives.
struct CatalogueField {
    var rate: Rates.Field
    /// Input tokens; 0 is the base.
    var threshold: Int64 = 0
    var priceClass = PriceClass.standard

    /// nil for a field that is no price per token or request, or has a suffix nobody knows.
    init?(_ name: String) {
        var rest = name[...]
        for (suffix, own) in Self.classes where rest.hasSuffix(suffix) {
            rest = rest.dropLast(suffix.count)
            priceClass = own
            break
        }
        if rest.hasSuffix(Self.thousands), let threshold = Self.takeThreshold(&rest) { self.threshold = threshold }
        guard let rate = Self.rates[rest] else { return nil }
        self.rate = rate
    }

    private static let classes: [(String, PriceClass)] = [("_batches", .batch), ("_flex", .flex), ("_priority", .priority)]
    private static let thousands = "k_tokens"

    /// `..._above_200k_tokens` -> 200,000; takes it off.
    private static func takeThreshold(_ name: inout Substring) -> Int64? {
        let front = name.dropLast(thousands.count)
        let digits = front.reversed().prefix { $0.isASCII && $0.isNumber }.count
        let base = front.dropLast(digits)
        guard digits <= 9, let count = Int64(front.suffix(digits)), count > 0, base.hasSuffix("_above_") else { return nil }
        name = base.dropLast("_above_".count)
        return count * 1_000
    }

    private static let rates: [Substring: Rates.Field] = [
        "input_cost_per_token": \.input, "output_cost_per_token": \.output, "output_cost_per_reasoning_token": \.reasoning,
        "cache_read_input_token_cost": \.cachedInput, "cache_creation_input_token_cost": \.cacheWrite,
        "cache_creation_input_token_cost_above_1hr": \.cacheWriteHour, "input_cost_per_audio_token": \.audioInput,
        "output_cost_per_audio_token": \.audioOutput, "cache_read_input_audio_token_cost": \.cachedAudioInput,
        "input_cost_per_image_token": \.imageInput, "output_cost_per_image_token": \.imageOutput,
        "cache_read_input_image_token_cost": \.cachedImageInput, "input_cost_per_request": \.perRequest,
    ]
}
