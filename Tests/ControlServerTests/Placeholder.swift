import ControlServer
import Testing

@Suite struct ControlLimitTests {
    @Test func aPolicyOfTheLargestSizeFitsIntoABody() {
        #expect(ControlLimits().body >= 1 << 20)
    }
}
