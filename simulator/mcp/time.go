package mcp

import (
	"context"

	"mozartosim/simulator/adminapi"
)

// addTime adds the tools about clocks, waiting, webhooks and the company as a whole.
func (s *server) addTime() {
	type clockOut struct {
		Clock adminapi.Clock `json:"clock"`
		Jobs  []string       `json:"jobs"`
	}
	tool(s, "read_clock", "Read the clock", "Reads the company's clock, and what is scheduled, the next first.", reads, nil,
		func(ctx context.Context, c *adminapi.CompanyClient, _ Of) (any, error) {
			clock, err := c.Clock(ctx)
			if err != nil {
				return nil, err
			}
			jobs, err := c.Jobs(ctx, "", 0)
			out := clockOut{clock, []string{}}
			for _, j := range jobs {
				out.Jobs = append(out.Jobs, j.At.UTC().Format("2006-01-02T15:04:05.000Z")+" payment "+j.Payment+": "+j.Description())
			}
			return out, err
		})
	type advanceIn struct {
		Of
		adminapi.AdvanceInput
	}
	tool(s, "advance_clock", "Advance the clock",
		"Moves a manual clock by exactly one of its fields, does everything that is due on the way, webhooks included, and tells what happened.", adds,
		words{"until": {"idle"}}, func(ctx context.Context, c *adminapi.CompanyClient, in advanceIn) (any, error) {
			return c.Advance(ctx, in.AdvanceInput)
		})
	type setIn struct {
		Of
		adminapi.ClockInput
	}
	tool(s, "set_clock", "Set how the clock moves", "Sets how the company's clock moves; its time continues from where it is.", replaces,
		words{"mode": {"real", "scaled", "manual"}}, func(ctx context.Context, c *adminapi.CompanyClient, in setIn) (any, error) {
			return c.SetClock(ctx, in.ClockInput)
		})
	type waitIn struct {
		Of
		adminapi.WaitInput
	}
	tool(s, "wait", "Wait for a condition",
		"Waits until a payment, a webhook or a call meets a condition, and answers what met it, or what came near. On a manual clock it looks once: advance_clock first.",
		reads, nil, func(ctx context.Context, c *adminapi.CompanyClient, in waitIn) (any, error) {
			return c.Wait(ctx, in.WaitInput)
		})
	s.addWebhooks()
	tool(s, "reset", "Reset the company",
		"Drops the company's payments, jobs, scenarios that were put, outages and replies of the inbox. The back office stays.", replaces, nil,
		func(ctx context.Context, c *adminapi.CompanyClient, _ Of) (any, error) {
			dropped, err := c.Reset(ctx)
			return map[string]int{"dropped": dropped}, err
		})
}

func (s *server) addWebhooks() {
	type listIn struct {
		Of
		adminapi.DeliveryQuery
	}
	tool(s, "list_webhooks", "List webhooks", "Lists webhooks with their attempts and what the handler answered, those of the newest payment first.", reads,
		words{"state": adminapi.DeliveryStates()}, func(ctx context.Context, c *adminapi.CompanyClient, in listIn) (any, error) {
			found, err := c.Deliveries(ctx, in.DeliveryQuery)
			return listed(found.Deliveries, found.Next), err
		})
	type inboxIn struct {
		Of
		adminapi.Page
	}
	tool(s, "read_inbox", "Read the inbox", "Lists the webhooks that the built-in inbox received, the newest first.", reads, nil,
		func(ctx context.Context, c *adminapi.CompanyClient, in inboxIn) (any, error) {
			found, err := c.Scenarios().Received(ctx, in.Page)
			return listed(found.Received, found.Next), err
		})
	type resendIn struct {
		Of
		Webhook string `json:"webhook" jsonschema:"the webhook's id, of list_webhooks"`
	}
	tool(s, "resend_webhook", "Send a webhook again", "Sends a webhook once more, to where the configuration sends webhooks now.", adds, nil,
		func(ctx context.Context, c *adminapi.CompanyClient, in resendIn) (any, error) {
			return c.Resend(ctx, in.Webhook, nil)
		})
}
