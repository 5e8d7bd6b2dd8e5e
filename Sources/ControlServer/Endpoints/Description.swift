import HTTPTypes

/// `GET /openapi.json`: what every call takes and answers. It holds no secret, so no key is asked for.
extension ControlDesk {
    func description(_ limits: ControlLimits) -> [Endpoint] {
        [
            Endpoint(.get, "/openapi.json", .open, body: 0) { _ in
                ControlAnswer(contentType: "application/json", try OpenAPIDocument.json.get())
            }
        ]
    }
}
