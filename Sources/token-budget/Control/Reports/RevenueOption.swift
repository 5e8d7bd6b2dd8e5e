import ArgumentParser
import BudgetClient

/// `pro=20`: what a plan brings a month, USD.
struct RevenueOption: ExpressibleByArgument, Hashable {
    let revenue: PlanRevenue

    /// nil for a plan with a comma in its name, too: it could not be asked for.
    init?(argument: String) {
        guard let (plan, amount) = DecimalOption.assigned(in: argument), !plan.contains(",") else { return nil }
        revenue = PlanRevenue(plan: plan, dollars: amount.text)
    }
}
