extension PriceCatalogue {
    /// Reads ``canonicalText`` back. A list of thousands of models takes milliseconds so, and a hundred as a policy's YAML:
    /// an event loop that meets an unknown price version cannot wait that long.
    /// - Throws: for anything that is not such a text.
    package init(stored text: [UInt8]) throws(JSONError) {
        self = try JSONReader.whole(text) { (reader) throws(JSONError) in try reader.catalogue() }
    }
}

extension ModelPrice {
    /// Reads ``canonicalText`` back.
    /// - Throws: for anything that is not such a text.
    package init(stored text: [UInt8]) throws(JSONError) {
        self = try JSONReader.whole(text) { (reader) throws(JSONError) in try reader.modelPrice() }
    }
}

extension JSONReader {
    /// Reads a text that is one value and nothing more.
    fileprivate static func whole<Value>(
        _ text: [UInt8], _ read: (inout JSONReader) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        let result = text.withUnsafeBufferPointer { buffer -> Result<Value, JSONError> in
            Result { () throws(JSONError) in
                var reader = try JSONReader(buffer)
                return try reader.document { (reader) throws(JSONError) in try read(&reader) }
            }
        }
        return try result.get()
    }

    fileprivate mutating func catalogue() throws(JSONError) -> PriceCatalogue {
        var catalogue = PriceCatalogue()
        try entries { (reader, section) throws(JSONError) in
            switch section {
            case "aliases":
                try reader.entries { (reader, alias) throws(JSONError) in
                    catalogue.aliases[Identifier(alias)] = try reader.identifier()
                }
            case "prices":
                try reader.entries { (reader, model) throws(JSONError) in
                    catalogue.models[Identifier(model)] = try reader.modelPrice()
                }
            case "unpriced_models":
                let value = try reader.value()
                catalogue.unpriced = value["price_as"]?.text.map { .priceAs(Identifier($0)) } ?? .reject
            default: throw reader.error(.unknownField, "There is no such section.")
            }
        }
        return catalogue
    }

    fileprivate mutating func modelPrice() throws(JSONError) -> ModelPrice {
        var price = ModelPrice()
        try entries { (reader, name) throws(JSONError) in
            if name == "max_output_tokens" {
                price.maximumOutput = try reader.integer()
            } else if let priceClass = PriceClass(rawValue: name), priceClass != .standard {
                var rates = SteppedRates()
                try reader.entries { (reader, name) throws(JSONError) in try reader.read(name, into: &rates) }
                price.classes[priceClass] = rates
            } else {
                try reader.read(name, into: &price.standard)
            }
        }
        return price
    }

    private mutating func read(_ name: String, into rates: inout SteppedRates) throws(JSONError) {
        guard name == "above" else { return try read(name, into: &rates.base) }
        var steps: [(threshold: Int64, rates: Rates)] = []
        try entries { (reader, name) throws(JSONError) in
            guard let threshold = Int64(name) else { throw reader.error(.invalid, "Must be a number of tokens.") }
            var step = Rates()
            try reader.entries { (reader, name) throws(JSONError) in try reader.read(name, into: &step) }
            steps.append((threshold, step))
        }
        rates.above = steps.sorted { $0.threshold < $1.threshold }
    }

    private mutating func read(_ name: String, into rates: inout Rates) throws(JSONError) {
        if name == "per_request" {
            rates.perRequest = try rate(places: TokenRate.places)
        } else if let (_, field) = Rates.fields.first(where: { $0.name == name }) {
            rates[keyPath: field] = try rate(places: TokenRate.placesPerMillion)
        } else {
            throw error(.unknownField, "There is no such rate.")
        }
    }

    private mutating func rate(places: Int) throws(JSONError) -> Int64 {
        guard let rate = try decimal().scaled(toPlaces: places) else { throw error(.invalid, "Must be a price.") }
        return rate
    }
}
