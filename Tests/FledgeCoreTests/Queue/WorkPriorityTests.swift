import FledgeCore
import Testing

@Suite("What a priority is worth")
struct WorkPriorityTests {
    @Test(
        "a minute of waiting for each step of zero to nine",
        arguments: [(Int.min, 0), (-1, 0), (0, 0), (1, 60), (5, 300), (9, 540), (10, 540), (Int.max, 540)])
    func headStart(priority: Int, seconds: Int) {
        #expect(WorkPriority.headStart(priority) == .seconds(seconds))
    }
}
