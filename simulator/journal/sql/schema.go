package sqljournal

// version is the schema's version. Versions 1 and 2 were those of the engines that this package replaced. Their payments have
// names that this program does not know, so they are refused.
const version = 3

// schema makes the tables. {int} and {bytes} are each dialect's words; {hot} is for rows that are written over and over.
//
// No is the number of a row in the whole database: the company's number, shifted by 40 bits, and the row's own in the
// company. Data is packed and ends with a checksum; encoding says how it is packed.
const schema = `
CREATE TABLE writers (version {int} NOT NULL, program text NOT NULL);
CREATE TABLE companies (
	no       {serial}, -- is never given again
	name     text NOT NULL UNIQUE,
	encoding int NOT NULL,
	data     {bytes} NOT NULL
){hot};
CREATE TABLE ordinals ( -- apart from companies, so that numbering payments doesn't wait for writing them
	company text PRIMARY KEY,
	last    {int} NOT NULL,
	inverse {int} NOT NULL -- -last, so that damage is noticed
){hot};
CREATE TABLE streams (
	no                 {key}, -- the stream's ordinal
	final              {int}, -- the company, and the stream's place among the final ones; NULL = it is not final
	psp                text,  -- these are labels, cut short, to find streams by; NULL = it is empty
	type               text,
	status             text,
	deliveries         text,
	user_id            text,
	merchant_reference text,
	encoding           int NOT NULL,
	data               {bytes} NOT NULL
){warm};
CREATE INDEX streams_final ON streams (final) WHERE final IS NOT NULL;
CREATE INDEX streams_user_id ON streams (user_id, no) WHERE user_id IS NOT NULL;
CREATE INDEX streams_merchant_reference ON streams (merchant_reference, no) WHERE merchant_reference IS NOT NULL;
CREATE TABLE appends (
	no       {key}, -- the Seq of the first entry
	stream   {int} NOT NULL,
	encoding int NOT NULL,
	data     {bytes} NOT NULL
);
CREATE INDEX appends_stream ON appends (stream, no);
CREATE TABLE jobs (
	no          {key}, -- counts the company's jobs
	company     {int} NOT NULL,
	stream      {int} NOT NULL,
	at          {int} NOT NULL, -- nanoseconds since 1970 on the company's clock
	origin      {int} NOT NULL, -- the process that wrote it
	holder      {int},          -- the process that has claimed it; NULL = it is pending
	lease_until {int},          -- milliseconds since 1970 on the database's clock: then it is pending again
	encoding    int NOT NULL,
	data        {bytes} NOT NULL
){warm};
CREATE INDEX jobs_pending ON jobs (company, at, no) WHERE holder IS NULL;
CREATE INDEX jobs_claimed ON jobs (holder) WHERE holder IS NOT NULL;
CREATE INDEX jobs_stream ON jobs (stream, no);
CREATE TABLE settings (
	company  text NOT NULL,
	name     text NOT NULL,
	rev      {int} NOT NULL UNIQUE,
	gone     int NOT NULL, -- 1 = it was removed
	encoding int NOT NULL,
	data     {bytes} NOT NULL,
	PRIMARY KEY (company, name)
);
CREATE TABLE requests ( -- calls of the public listener, refused ones too
	no       {serial}, -- is never given again
	company  text NOT NULL, -- '' = it reached none
	id       text NOT NULL UNIQUE,
	at       {int} NOT NULL, -- milliseconds since 1970
	stage    text NOT NULL, -- where it was refused; '' = it was not
	rule     text NOT NULL,
	status   int NOT NULL,
	payment  text NOT NULL,
	size     int NOT NULL, -- what it counts in bytes, with its details
	encoding int NOT NULL,
	data     {bytes} NOT NULL
);
CREATE INDEX requests_company ON requests (company, no);
CREATE INDEX requests_payment ON requests (payment, no) WHERE payment <> '';
CREATE TABLE request_details ( -- apart from requests, so that lists read little
	id       text PRIMARY KEY,
	encoding int NOT NULL,
	data     {bytes} NOT NULL
);
`
