package record

import "context"

func with(ctx context.Context, p *passing) context.Context {
	return context.WithValue(ctx, exchangeKey{}, p)
}

func of(ctx context.Context) *passing {
	p, _ := ctx.Value(exchangeKey{}).(*passing)
	return p
}
