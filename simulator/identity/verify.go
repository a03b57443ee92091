package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"mozartosim/openapi"
)

// maxVerifyAnswer bounds what is read of a verify-user answer (assumed).
const maxVerifyAnswer = 64 << 10

// verifier calls the company's User Auth URL.
type verifier struct{ client *http.Client }

func newVerifier(transport http.RoundTripper, timeout time.Duration) verifier {
	return verifier{client: &http.Client{
		Transport: transport,
		Timeout:   timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
}

// user posts {"userId": …} with the session token as Authorization (documented). 200 with a JSON object of user fields, at
// the top or under `data`, verifies; 401, 403 and 404 are ErrUnauthorized; every other answer is ErrVerifyUser (assumed).
func (v verifier) user(ctx context.Context, url, session, userID string) (User, error) {
	body, err := json.Marshal(map[string]string{"userId": userID})
	if err != nil {
		return User{}, fmt.Errorf("%w: %w", ErrVerifyUser, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return User{}, fmt.Errorf("%w: %w", ErrVerifyUser, err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+session)
	answer, err := v.client.Do(request)
	if err != nil {
		return User{}, fmt.Errorf("%w: %w", ErrVerifyUser, err)
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
		return readUser(answer.Body, userID)
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return User{}, fmt.Errorf("verify-user answered %d: %w", answer.StatusCode, ErrUnauthorized)
	}
	return User{}, fmt.Errorf("%w: it answered %d", ErrVerifyUser, answer.StatusCode)
}

func readUser(from io.Reader, userID string) (User, error) {
	raw, err := io.ReadAll(io.LimitReader(from, maxVerifyAnswer))
	if err != nil {
		return User{}, fmt.Errorf("%w: %w", ErrVerifyUser, err)
	}
	doc, err := openapi.Decode(raw)
	if err != nil {
		return User{}, fmt.Errorf("%w: its %v", ErrVerifyUser, err) //nolint:errorlint // the caller's body is not at fault
	}
	if data := doc.Object("data"); data != nil {
		doc.Fields = data
	}
	user := userOf(doc)
	if user.ID == "" {
		user.ID = userID
	}
	return user, nil
}
